// Units of a floor's plan, moved and resized by pointer and keys. The numbers of the form are the truth: what is drawn
// follows them, and what is dragged writes them.

const editor = document.getElementById('plan-editor');
const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT] = [Number(editor.dataset.width), Number(editor.dataset.height)];
const GRIP = 2.4;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function make(name, parent, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

const sidesOf = (row) => Object.fromEntries(
  [...row.querySelectorAll('[data-side]')].map((input) => [input.dataset.side, input]));

function read(unit) {
  const value = (side) => Math.round(Number(unit.inputs[side].value));
  const known = Object.values(unit.inputs).every((input) => input.value !== '');
  return known ? { x: value('x'), y: value('y'), width: value('width'), height: value('height') } : null;
}

/** Keeps the box on the floor, writes its numbers and draws it. */
function put(unit, box) {
  const width = clamp(box.width, 1, WIDTH);
  const height = clamp(box.height, 1, HEIGHT);
  const kept = { width, height, x: clamp(box.x, 0, WIDTH - width), y: clamp(box.y, 0, HEIGHT - height) };
  for (const [side, value] of Object.entries(kept)) unit.inputs[side].value = value;
  drawAll();
}

function draw(unit) {
  const box = read(unit);
  unit.group.toggleAttribute('hidden', !box);
  if (!box) return;
  for (const [side, value] of Object.entries(box)) unit.rect.setAttribute(side, value);
  unit.text.setAttribute('x', box.x + 1);
  unit.text.setAttribute('y', box.y + 3);
  unit.text.textContent = unit.name.slice(0, Math.max(Math.floor((box.width - 1) / (/[\u2e80-\uffff]/.test(unit.name) ? 2 : 1.1)), 1));
  unit.grip.setAttribute('x', box.x + box.width - GRIP);
  unit.grip.setAttribute('y', box.y + box.height - GRIP);
}

const meet = (a, b) => a && b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function drawAll() {
  const boxes = units.map(read);
  units.forEach((unit, index) => {
    draw(unit);
    const over = boxes.some((box, other) => other !== index && meet(boxes[index], box));
    unit.group.classList.toggle('is-over', over);
  });
}

/** Where the pointer is, in squares. */
function square(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(editor.getScreenCTM().inverse());
  return { x: at.x, y: at.y };
}

function drag(unit, event, resizing) {
  event.preventDefault();
  unit.group.focus();
  const [from, box, target] = [square(event), read(unit), event.currentTarget];
  target.setPointerCapture(event.pointerId);
  const move = (moved) => {
    const at = square(moved);
    const [dx, dy] = [Math.round(at.x - from.x), Math.round(at.y - from.y)];
    put(unit, resizing ? { ...box, width: Math.min(box.width + dx, WIDTH - box.x), height: Math.min(box.height + dy, HEIGHT - box.y) }
      : { ...box, x: box.x + dx, y: box.y + dy });
  };
  const stop = () => target.removeEventListener('pointermove', move);
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', stop, { once: true });
  target.addEventListener('pointercancel', stop, { once: true });
}

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function key(unit, event) {
  const [dx, dy] = KEYS[event.key] ?? [];
  if (dx === undefined) return;
  event.preventDefault();
  const box = read(unit);
  put(unit, event.shiftKey ? { ...box, width: Math.min(box.width + dx, WIDTH - box.x), height: Math.min(box.height + dy, HEIGHT - box.y) }
    : { ...box, x: box.x + dx, y: box.y + dy });
}

const units = [...document.querySelectorAll('tr[data-unit]')].map((row) => {
  const group = make('g', editor, { tabindex: 0, role: 'button', class: 'plan-unit' });
  const unit = { name: row.dataset.unit, inputs: sidesOf(row), group };
  make('title', group).textContent = unit.name;
  unit.rect = make('rect', group, { class: 'unit' });
  unit.text = make('text', group, { 'aria-hidden': 'true' });
  unit.grip = make('rect', group, { class: 'plan-grip', width: GRIP, height: GRIP });
  unit.rect.addEventListener('pointerdown', (event) => drag(unit, event, false));
  unit.grip.addEventListener('pointerdown', (event) => drag(unit, event, true));
  group.addEventListener('keydown', (event) => key(unit, event));
  row.addEventListener('input', drawAll);
  return unit;
});

drawAll();
