// The form: what the visitor wants, as the `input` of a job.

import { ImageSlot } from './image-slot.js';
import { field, pointer, range } from '../model.js';
import * as prompt from './prompt.js';
import * as shots from './shots.js';
import * as violations from './violations.js';

const at = id => document.getElementById(id);
const several = at('several');
const duration = at('duration');
const audio = at('audio');

export const first = new ImageSlot('first', at('image'), at('screen'));
export const last = new ImageSlot('last', at('end-image'), at('end-drop'));

// An image was chosen that the proxy has not accepted: no video is made without a frame that was asked for.
const isWaiting = () => first.isPending || last.isPending;

/** What the proxy could not know: returns false when something is left to do, and says so beside the field. */
export function isFinished() {
  const blanks = several.checked ? 0 : prompt.openBlanks().length;
  violations.refuse(pointer('text'), blanks ? [`The template has ${blanks === 1 ? 'a blank' : `${blanks} blanks`} left: fill or delete them.`] : []);
  return !isWaiting() && !blanks;
}

export const uploads = () => Promise.all([first.ready, last.ready]);

export function read() {
  const input = {};
  const put = (role, value) => { if (field(role)) input[field(role).name] = value; };
  put('first', first.url);
  put('last', last.url);
  if (several.checked) {
    put('shots', shots.read());
    put('length', shots.isFilmable() ? String(shots.total()) : undefined);
  } else {
    put('text', prompt.text());
    put('length', duration.value);
  }
  put('sound', audio.checked);
  return input;
}

/** The form becomes this model's: its names, its limits, what it assumes, and only what it has. */
export function offer(model) {
  for (const place of document.querySelectorAll('[data-role]')) place.dataset.pointer = pointer(place.dataset.role);
  for (const role of ['sound', 'last']) document.querySelector(`[data-role="${role}"]`).hidden = !field(role);
  several.disabled = !field('shots');
  audio.defaultChecked = field('sound')?.default === true; // what the visitor has chosen stays

  offerImages(model.images);
  offerLength(field('length'));
  prompt.offer(model.about.prompt_template);
}

function offerImages({ types, max_bytes: largest }) {
  ImageSlot.largest = largest;
  for (const id of ['image', 'end-image']) at(id).accept = types.join(',');
  const names = types.map(type => type.slice('image/'.length).toUpperCase().replace('WEBP', 'WebP'));
  const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(names).replace(', or', ' or');
  at('image-limits').textContent = `${list}, up to ${Math.floor(largest / 1024 / 1024 * 10) / 10} MiB.`;
}

function offerLength(length) {
  const { min, max, step, seconds } = range(length);
  Object.assign(duration, { min, max, step, defaultValue: length.default });
  at('seconds').textContent = `${duration.value} s`;
  at('ruler').replaceChildren(...seconds.map(second => Object.assign(document.createElement('i'), {
    textContent: second === min || second % 5 === 0 || second === max ? second : '',
  })));
}

export function start(changed) {
  const touched = (...pointers) => {
    pointers.forEach(violations.touch);
    violations.refuse(pointer('text'), []);
    changed();
  };

  prompt.start(touched);
  shots.start(touched);
  document.querySelectorAll('[name="shots"]').forEach(radio => radio.addEventListener('change', () => {
    switchShots();
    changed();
  }));
  duration.addEventListener('input', () => {
    at('seconds').textContent = `${duration.value} s`;
    touched(pointer('length'));
  });
  audio.addEventListener('change', () => touched(pointer('sound')));
  listenToImages(changed);
}

function listenToImages(changed) {
  first.addEventListener('change', changed);
  last.addEventListener('change', () => {
    showLast();
    changed();
  });

  at('still-replace').addEventListener('click', () => at('image').click());
  at('still-remove').addEventListener('click', () => {
    first.clear();
    at('image').focus();
  });
  at('end-remove').addEventListener('click', () => {
    last.clear();
    at('end-image').focus();
  });

  for (const name of ['dragover', 'drop']) addEventListener(name, event => event.preventDefault()); // or a missed drop would leave the page
  addEventListener('paste', event => {
    // Word, Excel and PowerPoint put a picture of the text beside the text; the text is meant.
    if (event.clipboardData.types.includes('text/plain')) return;
    const image = [...event.clipboardData.files].find(file => file.type.startsWith('image/'));
    if (image) first.take(image);
  });
}

function switchShots() {
  if (several.checked) shots.begin(prompt.text());
  at('one-shot').hidden = several.checked;
  at('length').hidden = several.checked;
  at('several-shots').hidden = !several.checked;
  violations.untouch();
}

function showLast() {
  at('end-still').hidden = !last.preview;
  if (last.preview) at('end-still').src = last.preview;
  else at('end-still').removeAttribute('src');
  at('end-facts').textContent = last.facts || 'Optional: where it ends';
  at('end-remove').hidden = !last.file;
}
