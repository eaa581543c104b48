// The single prompt: its counter, and a template whose blanks are filled one after another.

import { field as fieldOf, pointer } from '../model.js';

/** Name and blank of each line; the proxy knows them, with the model. */
let blanks = [];

const field = document.getElementById('prompt');
const count = document.getElementById('prompt-count');
const button = document.getElementById('template');

export const text = () => field.value;

/** The parts of a full prompt as `GET /v1/models` has them. */
export function offer(parts) {
  blanks = parts.map(({ name, hint }) => [name, `[${hint}]`]);
  button.hidden = blanks.length === 0;
  refresh();
}

/** Blanks of the template that are still to fill: nobody wants to pay for a picture of square brackets. */
export const openBlanks = () => blanks.map(([, blank]) => blank).filter(blank => field.value.includes(blank));

export function start(changed) {
  field.addEventListener('input', () => {
    refresh();
    changed(pointer('text'));
  });

  button.addEventListener('click', () => {
    if (!nextBlank()) insert();
    refresh();
    selectBlank();
    changed();
  });

  refresh();
}

function insert() {
  const template = blanks.map(([name, blank]) => `${name}: ${blank}`).join('\n');
  const gap = field.value.trim() ? '\n\n' : '';
  field.value = field.value.trimEnd() + gap + template;
}

function selectBlank() {
  const blank = nextBlank();
  if (!blank) return;
  const start = field.value.indexOf(blank);
  field.blur(); // only gaining the focus scrolls to the selection
  field.setSelectionRange(start, start + blank.length);
  field.focus();
}

const nextBlank = () => openBlanks()[0];

function refresh() {
  const length = field.value.length;
  const longest = fieldOf('text')?.max_length;
  count.textContent = longest ? `${length} / ${longest}` : '';
  count.classList.toggle('over', length > longest);

  const open = openBlanks().length;
  button.textContent = open ? `Next blank (${open} left)` : 'Template';
}
