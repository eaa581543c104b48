// The form: what the visitor wants, as the `input` of a job.

import { ImageSlot } from './image-slot.js';
import * as prompt from './prompt.js';
import * as shots from './shots.js';
import * as violations from './violations.js';

const at = id => document.getElementById(id);
const several = at('several');
const duration = at('duration');
const audio = at('audio');

export const first = new ImageSlot('/input/image_url', at('image'), at('screen'));
export const last = new ImageSlot('/input/end_image_url', at('end-image'), at('end-drop'));

// An image was chosen that the proxy has not accepted: no video is made without a frame that was asked for.
const isWaiting = () => first.isPending || last.isPending;

/** What the proxy could not know: returns false when something is left to do, and says so beside the field. */
export function isFinished() {
  const blanks = several.checked ? 0 : prompt.openBlanks().length;
  violations.refuse('/input/prompt', blanks ? [`The template has ${blanks === 1 ? 'a blank' : `${blanks} blanks`} left: fill or delete them.`] : []);
  return !isWaiting() && !blanks;
}

export const uploads = () => Promise.all([first.ready, last.ready]);

export function read() {
  return {
    image_url: first.url,
    end_image_url: last.url,
    ...(several.checked
      ? { multi_prompt: shots.read(), duration: shots.isFilmable() ? String(shots.total()) : undefined }
      : { prompt: prompt.text(), duration: duration.value }),
    generate_audio: audio.checked,
  };
}

export function start(changed) {
  const touched = (...pointers) => {
    pointers.forEach(violations.touch);
    violations.refuse('/input/prompt', []);
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
    touched('/input/duration');
  });
  audio.addEventListener('change', () => touched('/input/generate_audio'));
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
