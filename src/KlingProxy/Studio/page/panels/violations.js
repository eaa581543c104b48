// Shows each broken rule beside the field its JSON pointer names.

import { pointer as pointerOf } from '../model.js';

const touched = new Set();
const refused = new Map(); // field → what the proxy said about this field alone, an image refused, say
let quoted = new Map(); // field → the rules that the last quote found broken
let merciless = false;

const fieldAt = pointer => document.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`);

/** From now on the rules of this field may be shown: its visitor has been there. */
export const touch = pointer => touched.add(pointer);

/** On submit every field counts as visited. */
export const touchAll = () => { merciless = true; };

export function untouch() {
  touched.clear();
  merciless = false;
}

/** Shows what may be shown and clears the rest; returns the rules that belong to no field. */
export function show(violations) {
  const homeless = [];
  quoted = new Map();
  for (const violation of violations.map(inWordsOfTheForm)) {
    const field = nearest(violation.pointer);
    if (!field) homeless.push(violation);
    else quoted.set(field, [...quoted.get(field) ?? [], violation]);
  }
  document.querySelectorAll('[data-pointer]').forEach(render);
  return homeless;
}

/** What the proxy says about one field outside a quote; it outranks the quote until it is taken back with an empty list. */
export function refuse(pointer, details) {
  const field = fieldAt(pointer);
  if (details.length) refused.set(field, details.map(detail => ({ pointer, detail })));
  else refused.delete(field);
  render(field);
}

/** Returns false when no field is marked. */
export function focusFirst() {
  const broken = document.querySelector('[aria-invalid="true"]');
  if (!broken) return false;
  broken.focus({ preventScroll: true });
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  broken.closest('.field').scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
  return true;
}

function render(field) {
  const { pointer } = field.dataset;
  const broken = refused.get(field) ?? (merciless || touched.has(pointer) ? quoted.get(field) ?? [] : []);
  const details = broken.map(violation => violation.detail);
  const fault = field.querySelector(':scope > .fault');

  if (details.join('\n') !== (fault.dataset.said ?? '')) { // the same words again would be read out again
    fault.dataset.said = details.join('\n');
    fault.replaceChildren(...details.map(detail => Object.assign(document.createElement('span'), { textContent: detail })));
  }
  for (const control of field.querySelectorAll('[data-control]'))
    if (control.closest('[data-pointer]') === field) control.setAttribute('aria-invalid', String(broken.some(violation => concerns(violation, control))));
}

// An empty prompt is no prompt to the proxy; here there is a field for it.
const inWordsOfTheForm = violation => violation.code === 'exactly-one' ? { pointer: pointerOf('text'), detail: 'Say what happens.' } : violation;

// A shot has two controls, and a rule names one of them.
const concerns = ({ pointer }, { dataset: { name } }) => !name || pointer.endsWith(`/${name}`);

function nearest(pointer = '') {
  for (let at = pointer; at.startsWith('/input/'); at = at.slice(0, at.lastIndexOf('/'))) {
    const field = fieldAt(at);
    if (field && !field.closest('[hidden]')) return field;
    if (at === pointerOf('text') || at === pointerOf('shots')) return document.querySelector('.script > .field:not([hidden])');
  }
  return null;
}
