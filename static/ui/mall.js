// Behaviour of every page. All listeners sit on the document, so they survive htmx swaps.
//
//   data-theme-toggle         a button that goes through auto, light, dark
//   data-copy="#id" or text   a button that copies that element's text, or the text
//   data-confirm="Really?"    a form or submit button that asks first
//   data-dismiss=".banner"    a button that removes the nearest such element
//   form[data-filters]        a filter form: controls go back when a request fails, blanks stay out of the URL
//   [data-live]               a part that asks again by itself, unless paused, hidden or being read
//   key "/"                   goes to the search box, of the site or of the filters
//   keys w m q x ?            on a board: its period, its comparison, the list of keys (#keys)

const root = document.documentElement;
const toasts = () => document.getElementById('toasts');
const word = (name) => toasts()?.dataset[name] ?? '';

// --- Toasts -----------------------------------------------------------------------------------------------

function toast(text, { action, run, seconds = 8 } = {}) {
  const region = toasts();
  if (!region) return;
  const box = document.createElement('div');
  box.className = 'toast-item';
  const line = document.createElement('p');
  line.textContent = text;
  box.append(line);
  const button = (label, className, handler) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = className;
    made.textContent = label;
    made.addEventListener('click', () => {
      box.remove();
      handler?.();
    });
    box.append(made);
    return made;
  };
  if (run) button(action, 'toast-action', run);
  button('×', 'toast-close', null).setAttribute('aria-label', word('close'));
  region.replaceChildren(box);
  if (!run) setTimeout(() => box.remove(), seconds * 1000);
}

document.addEventListener('mall:toast', (event) => toast(event.detail.value ?? event.detail.text));

// --- Theme ------------------------------------------------------------------------------------------------

const choices = ['auto', 'light', 'dark'];

function labelThemeToggles() {
  for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    const label = button.dataset[root.dataset.themeChoice];
    button.setAttribute('aria-label', label);
    button.title = label;
  }
}

function nextTheme() {
  const next = choices[(choices.indexOf(root.dataset.themeChoice) + 1) % choices.length];
  try {
    localStorage.setItem('mall-theme', next);
  } catch { /* storage is switched off: nothing to keep */ }
  dispatchEvent(new Event('mall:theme'));
  labelThemeToggles();
}

// --- Copying ----------------------------------------------------------------------------------------------

async function copy(what) {
  const source = what.startsWith('#') ? document.querySelector(what) : null;
  const text = source ? (source.value ?? source.textContent).trim() : what;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or not a secure page
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(word('copied'), { seconds: 3 });
}

document.addEventListener('click', (event) => {
  const hit = event.target.closest?.('[data-theme-toggle], [data-copy], [data-dismiss]');
  if (!hit) return;
  if (hit.dataset.copy) copy(hit.dataset.copy);
  else if (hit.dataset.dismiss) hit.closest(hit.dataset.dismiss)?.remove();
  else nextTheme();
});

// --- Asking first -----------------------------------------------------------------------------------------

const confirmed = new WeakSet();

document.addEventListener('submit', (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  const goOn = () => {
    confirmed.add(form);
    form.requestSubmit(submitter);
  };
  const dialog = document.getElementById('confirm');
  if (!dialog?.showModal) {
    if (window.confirm(question)) goOn();
    return;
  }
  dialog.querySelector('p').textContent = question;
  dialog.returnValue = 'no';
  dialog.addEventListener('close', () => dialog.returnValue === 'yes' && goOn(), { once: true });
  dialog.showModal();
}, true);

// --- Keys -------------------------------------------------------------------------------------------------

const PERIODS = { w: '7d', m: '30d', q: '90d' };

function goToSearch() {
  const search = document.querySelector('#search') ?? document.querySelector('#filters :is([type="search"], [type="text"])');
  if (!search?.offsetParent) return false;
  search.focus();
  search.select();
  return true;
}

/** Sets a control of the board's filters, as if the reader had. */
function choose(name, value) {
  const control = document.querySelector(`#filters [name="${name}"]`);
  if (!control) return false;
  control.value = typeof value === 'function' ? value(control.value) : value;
  control.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}

function onKey(key) {
  if (key === '/') return goToSearch();
  if (Object.hasOwn(PERIODS, key)) return choose('period', PERIODS[key]);
  if (key === 'x') return choose('compare', (now) => (now === 'none' ? 'previous' : 'none'));
  const keys = key === '?' && document.getElementById('keys');
  if (keys) keys.showModal();
  return Boolean(keys);
}

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, select, textarea, [contenteditable], dialog');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (onKey(event.key)) event.preventDefault();
});

// A menu closes when the reader turns elsewhere.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest?.('details.menu[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

// --- Filter forms and requests that fail ------------------------------------------------------------------

const good = new WeakMap(); // form -> controls of the last answer that came
const wanted = new WeakMap(); // form -> controls of the request under way
const KEPT = ['sort', 'size']; // of the table under the filters

const controls = (form) => [...form.elements].filter((element) => element.name && element.type !== 'file');
const read = (form) => controls(form).map((element) => (
  element.multiple ? [...element.options].map((option) => option.selected)
    : ['checkbox', 'radio'].includes(element.type) ? element.checked : element.value));

function write(form, values) {
  controls(form).forEach((element, index) => {
    const value = values[index];
    if (element.multiple) [...element.options].forEach((option, at) => { option.selected = value[at]; });
    else if (['checkbox', 'radio'].includes(element.type)) element.checked = value;
    else element.value = value;
  });
}

const isFilter = (element) => element?.matches?.('form[data-filters]');

document.addEventListener('htmx:configRequest', ({ detail }) => {
  if (!isFilter(detail.elt)) return;
  const values = detail.formData;
  for (const [name, value] of [...values.entries()]) {
    if (value === '' && values.getAll(name).length === 1) values.delete(name);
  }
  const now = new URLSearchParams(location.search);
  for (const name of KEPT) {
    if (now.has(name) && !values.has(name)) values.append(name, now.get(name));
  }
});

document.addEventListener('htmx:beforeRequest', ({ detail }) => {
  if (isFilter(detail.elt)) wanted.set(detail.elt, read(detail.elt));
  if (!detail.target.matches('body, .progress-line') && !isLive(detail.elt)) detail.target.setAttribute('aria-busy', 'true');
});

document.addEventListener('htmx:afterRequest', ({ detail }) => {
  detail.target?.removeAttribute('aria-busy');
  if (detail.successful && isFilter(detail.elt)) good.set(detail.elt, wanted.get(detail.elt));
});

function again({ elt, target, requestConfig }) {
  if (isFilter(elt)) write(elt, wanted.get(elt));
  if (elt.matches('form')) elt.requestSubmit();
  else if (elt.matches('a, button')) elt.click();
  else if (isLive(elt)) switchLive(elt, true);
  else window.htmx.ajax(requestConfig.verb.toUpperCase(), requestConfig.path, { source: elt, target });
}

function failed({ detail }, text) {
  if (isFilter(detail.elt)) write(detail.elt, good.get(detail.elt));
  if (isLive(detail.elt)) switchLive(detail.elt, false);
  toast(text, { action: word('retry'), run: () => again(detail) });
}

document.addEventListener('htmx:sendError', (event) => failed(event, word('offline')));
document.addEventListener('htmx:timeout', (event) => failed(event, word('timeout')));
document.addEventListener('htmx:responseError', (event) => {
  failed(event, event.detail.xhr.status === 403 ? word('forbidden') : word('error'));
});

// --- Live parts: [data-live] asks again by itself ---------------------------------------------------------

const isLive = (element) => element?.matches?.('[data-live]');

function switchLive(part, runs) {
  part.dataset.live = runs ? '' : 'rests';
  part.querySelector('[data-live-runs]').hidden = !runs;
  part.querySelector('[data-live-rests]').hidden = runs;
  if (runs) window.htmx.trigger(part, 'live-now');
}

/** Nobody looks, or somebody reads: an opened table or a link under the keyboard must not be swapped away. */
function mayWait(part) {
  const board = document.querySelector(part.getAttribute('hx-target'));
  return document.hidden || part.dataset.live === 'rests'
    || board?.contains(document.activeElement) || board?.querySelector('details[open]');
}

document.addEventListener('htmx:configRequest', (event) => {
  if (isLive(event.detail.elt) && mayWait(event.detail.elt)) event.preventDefault();
});

document.addEventListener('click', ({ target }) => {
  const part = target.closest?.('[data-live-switch]')?.closest('[data-live]');
  if (part) switchLive(part, part.dataset.live === 'rests');
});

document.addEventListener('visibilitychange', () => {
  const part = document.querySelector('[data-live]');
  if (part && !document.hidden) window.htmx.trigger(part, 'live-now');
});

// --- Whatever new markup needs ----------------------------------------------------------------------------

// A table that needs no sideways scrolling may let its head stick to the page instead of its box.
const widths = window.ResizeObserver && new ResizeObserver((entries) => {
  for (const { target } of entries) {
    target.classList.toggle('fits', target.firstElementChild.offsetWidth <= target.clientWidth + 1);
  }
});

function prepare(part) {
  for (const form of part.querySelectorAll('form[data-filters]')) if (!good.has(form)) good.set(form, read(form));
  for (const box of part.querySelectorAll('.table-wrap')) if (!box.closest('.as-table')) widths?.observe(box);
  labelThemeToggles();
}

prepare(document);
document.addEventListener('htmx:load', ({ detail }) => prepare(detail.elt.parentElement ?? document));

// --- Pickers: a long list of boxes to tick, folded away, narrowed by typing -----------------------------------

document.addEventListener('input', ({ target }) => {
  if (!target.matches?.('.picker-narrow')) return;
  const word = target.value.trim().toLowerCase();
  for (const label of target.closest('.picker').querySelectorAll('.choices label')) {
    label.hidden = !label.textContent.toLowerCase().includes(word);
  }
});

document.addEventListener('change', ({ target }) => {
  const picker = target.closest?.('.picker');
  if (!picker || target.type !== 'checkbox') return;
  const names = [...picker.querySelectorAll('input:checked')].map((box) => {
    const name = document.createElement('span');
    name.textContent = box.nextElementSibling.textContent.trim();
    return name;
  });
  picker.querySelector('.picker-chosen').replaceChildren(...names);
});

// Enter would save the form; here it only means "narrow".
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches?.('.picker-narrow')) event.preventDefault();
});

// --- The main menu: that of a mall is longer than most screens, and begins where the reader is ------------------

const menu = document.querySelector('.sidebar-body');
const below = () => menu.querySelector('[aria-current]').getBoundingClientRect().bottom - menu.getBoundingClientRect().bottom;
if (menu?.querySelector('[aria-current]') && below() > 0) menu.scrollTop = below() + menu.clientHeight / 3;
