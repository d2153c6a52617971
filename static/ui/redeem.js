// The counter: scanning with the camera, and going on without connection.
//
// Without connection a scanned code is checked here: its signature by WebCrypto with the mall's public key, its time,
// the store, the order. What is taken goes into a queue in localStorage and is sent, oldest first, when the
// connection is back. A request id makes a redemption that is sent twice one; the server decides who was first.

const data = document.getElementById('redeem-data').dataset;
const form = document.getElementById('redeem-form');
const word = (name) => data[`word${name[0].toUpperCase()}${name.slice(1)}`];
const stocks = JSON.parse(data.stocks);
const ahead = Number(data.now) - Date.now(); // of the server's clock before ours
const now = () => Date.now() + ahead;
const KEY = 'mall-redemptions';
const SEND_EVERY = 20_000;

const money = (fen) => data.currency + (fen / 100).toLocaleString('en', { minimumFractionDigits: 2 });

// --- The queue ----------------------------------------------------------------------------------------------

function queue() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch { // switched off, or not ours
    return [];
  }
}

const keep = (items) => localStorage.setItem(KEY, JSON.stringify(items));

function change(id, changes) {
  keep(queue().map((item) => (item.request_id === id ? { ...item, ...changes } : item)));
}

const drop = (id) => keep(queue().filter((item) => item.request_id !== id));

function show() {
  const box = document.getElementById('redeem-queue');
  if (!box) return;
  const items = queue();
  box.hidden = items.length === 0;
  box.querySelector('ul').replaceChildren(...items.map(line));
  box.querySelector('[data-send]').hidden = !items.some((item) => !item.said);
}

function line(item) {
  const row = document.createElement('li');
  const text = document.createElement('span');
  const small = document.createElement('span');
  const state = document.createElement('span');
  text.textContent = `${item.name} · −${money(item.off)}`;
  small.className = 'muted small d-block';
  small.textContent = `${new Date(item.redeemed_at).toLocaleTimeString(document.body.dataset.locale)} · …${item.code.split('.')[1].slice(-4)}${item.said ? ` · ${item.said}` : ''}`;
  text.append(small);
  state.className = `state ${item.said ? 'tone-bad' : 'tone-info'}`;
  state.textContent = item.said ? word('refused') : word('waiting');
  row.append(text, state);
  if (item.said) row.append(dismiss(item));
  return row;
}

function dismiss(item) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn btn-quiet btn-sm';
  button.textContent = word('dismiss');
  button.addEventListener('click', () => {
    drop(item.request_id);
    show();
  });
  return button;
}

// --- Sending what waits -------------------------------------------------------------------------------------

let sending = false;

async function sendAll() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    for (const item of queue().filter((one) => !one.said)) {
      if (!await send(item)) break;
    }
  } finally {
    sending = false;
    show();
  }
}

// Whether to go on with the next one.
async function send(item) {
  const body = new URLSearchParams();
  for (const name of ['code', 'order_fen', 'request_id', 'redeemed_at']) body.set(name, item[name]);
  let answer;
  try {
    answer = await fetch(item.send_to, {
      method: 'POST', body, redirect: 'manual', headers: { 'X-CSRFToken': form.querySelector('[name=csrfmiddlewaretoken]').value },
    });
  } catch { // still no connection
    return false;
  }
  if (answer.status === 200 || answer.status === 422) {
    const { state, said } = await answer.json();
    if (state === 'redeemed') drop(item.request_id);
    else change(item.request_id, { said });
    show();
    return true;
  }
  const signedOut = answer.type === 'opaqueredirect' || answer.status === 403 || answer.status === 404;
  tell(signedOut ? word('account') : '');
  return false;
}

function tell(said) {
  const place = document.querySelector('#redeem-queue [data-said]');
  if (!place) return;
  place.textContent = said;
  place.hidden = !said;
}

// --- Checking without connection ----------------------------------------------------------------------------

const unpack = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

// What a sealed code says, or null if its signature is not of this mall.
async function read(code) {
  const [prefix, plain, stock, from, until, signature, ...more] = code.split('.');
  if (prefix !== 'M1' || !signature || more.length) return null;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const signed = new TextEncoder().encode(`${data.mall} ${code.slice(0, code.lastIndexOf('.'))}`);
  try {
    const key = await crypto.subtle.importKey('jwk', JSON.parse(data.key), algorithm, false, ['verify']);
    const good = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, unpack(signature), signed);
    return good ? { plain, stock, from: from * 1000, until: until * 1000 } : null;
  } catch { // not base64, not 64 bytes
    return null;
  }
}

// As coupons.redeeming.discount: percent is rounded down and kept under the ceiling.
function discount(terms, fen) {
  const off = terms.percent ? Math.floor(fen * terms.percent / 10_000) : terms.most;
  return Math.min(off, terms.most, fen);
}

function fenOf(text) {
  const found = /^\s*(\d{1,10})(?:\.(\d{1,2}))?\s*$/.exec(text.replaceAll(/[,¥]/g, ''));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : 0;
}

// A redemption to queue, or why there is none.
async function take(code, fen) {
  if (!code.startsWith('M1.')) return { problem: word('typed') };
  if (!globalThis.crypto?.subtle) return { problem: word('unsafe') };
  const coupon = await read(code);
  if (!coupon) return { problem: word('forged') };
  const terms = stocks[coupon.stock];
  if (now() < coupon.from) return { problem: word('early') };
  if (now() >= coupon.until) return { problem: word('expired') };
  if (!terms) return { problem: word('elsewhere') };
  if (!fen) return { problem: word('amount') };
  if (fen < terms.least) return { problem: word('minimum') };
  if (queue().some((item) => item.code.split('.')[1] === coupon.plain)) return { problem: word('again') };
  return {
    item: {
      code, order_fen: fen, off: discount(terms, fen), name: terms.name, send_to: data.sendTo,
      request_id: form.querySelector('[name=request_id]')?.value ?? crypto.randomUUID(),
      redeemed_at: new Date(now()).toISOString(),
    },
  };
}

async function takeOffline() {
  const field = (name) => form.querySelector(`[name=${name}]`);
  const { item, problem } = await take(field('code').value.trim(), fenOf(field('order_fen').value));
  if (problem) return say(problem);
  try {
    keep([...queue(), item]);
  } catch { // storage is full or switched off
    return say(word('full'));
  }
  say('');
  showTaken(item);
  if (form.querySelector('[name=request_id]')) form.hidden = true;
  else form.reset();
  return show();
}

function say(problem) {
  const place = document.getElementById('redeem-problem');
  place.textContent = problem;
  place.hidden = !problem;
  document.getElementById('redeem-taken').hidden = true;
}

function showTaken(item) {
  const box = document.getElementById('redeem-taken');
  box.querySelector('[data-off]').textContent = `−${money(item.off)}`;
  box.querySelector('[data-left]').textContent = money(item.order_fen - item.off);
  box.querySelector('[data-said]').textContent = word('taken');
  box.hidden = false;
  box.focus();
}

async function isConnected() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(data.ping, { cache: 'no-store', signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}

function showConnection(connected) {
  document.getElementById('redeem-offline').hidden = connected;
}

// --- The form -----------------------------------------------------------------------------------------------

let asking = false; // a double click asks once

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (asking) return;
  asking = true;
  const connected = await isConnected();
  showConnection(connected);
  if (connected) {
    form.submit();
    return;
  }
  await takeOffline();
  asking = false;
});

window.addEventListener('pageshow', () => { asking = false; });

// A hand-held scanner ends with Enter: go on to the order.
form.querySelector('[name=code]').addEventListener('keydown', (event) => {
  const order = form.querySelector('[name=order_fen]');
  if (event.key !== 'Enter' || order.value) return;
  event.preventDefault();
  order.focus();
});

// --- The camera ---------------------------------------------------------------------------------------------

const scan = document.getElementById('redeem-scan');
const video = document.getElementById('redeem-video');
let stream = null;

async function canScan() {
  if (!scan || !globalThis.BarcodeDetector || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    return (await BarcodeDetector.getSupportedFormats()).includes('qr_code');
  } catch {
    return false;
  }
}

async function startScan() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch { // no camera, or not allowed
    say(word('camera'));
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  scan.querySelector('button').setAttribute('aria-expanded', 'true');
  video.play().catch(() => {}); // stopped before it began
  look(new BarcodeDetector({ formats: ['qr_code'] }));
}

function stopScan() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  video.hidden = true;
  scan.querySelector('button').setAttribute('aria-expanded', 'false');
}

async function look(detector) {
  if (!stream) return;
  const [found] = await detector.detect(video).catch(() => []);
  if (found) {
    stopScan();
    const isCoupon = found.rawValue.startsWith('M1.');
    say(isCoupon ? '' : word('noCode'));
    if (!isCoupon) return;
    form.querySelector('[name=code]').value = found.rawValue;
    form.querySelector('[name=order_fen]').focus();
    return;
  }
  setTimeout(look, 150, detector);
}

if (await canScan()) {
  scan.hidden = false;
  scan.querySelector('button').addEventListener('click', () => (stream ? stopScan() : startScan()));
}

// --- Start --------------------------------------------------------------------------------------------------

document.querySelector('#redeem-queue [data-send]')?.addEventListener('click', sendAll);
addEventListener('online', () => {
  showConnection(true);
  sendAll();
});
addEventListener('offline', () => showConnection(false));
addEventListener('pagehide', () => stream && stopScan());
setInterval(sendAll, SEND_EVERY);
showConnection(navigator.onLine);
show();
sendAll();
