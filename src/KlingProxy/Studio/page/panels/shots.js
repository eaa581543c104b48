// Several shots, each with its words and seconds: how many there may be, and how long together, the model says.

import { pointer, range, shotField, shotLimits } from '../model.js';

const usual = 3; // seconds of a new shot, where it may have them

const list = document.getElementById('shots');
const template = document.getElementById('shot');
const add = document.getElementById('add-shot');
const sum = document.getElementById('sum');
const strip = document.getElementById('strip');

const part = (shot, name) => shot.querySelector(`[data-part="${name}"]`);
const secondsOf = shot => Number.parseInt(part(shot, 'duration').value, 10) || 0;

export const total = () => [...list.children].reduce((seconds, shot) => seconds + secondsOf(shot), 0);
export const isFilmable = () => total() >= shotLimits()?.min_seconds && total() <= shotLimits().max_seconds;
export const read = () => [...list.children].map(shot => ({
  [shotField('text').name]: part(shot, 'prompt').value,
  [shotField('length').name]: part(shot, 'duration').value,
}));

export function start(changed) {
  const renew = (...pointers) => {
    renumber();
    changed(pointer('shots'), ...pointers);
  };

  list.addEventListener('input', event => renew(event.target.closest('li').dataset.pointer));
  list.addEventListener('click', event => {
    const remove = event.target.closest('.remove');
    if (!remove) return;
    const shot = remove.closest('li');
    const neighbour = shot.nextElementSibling ?? shot.previousElementSibling;
    shot.remove();
    renew();
    part(neighbour, 'prompt').focus();
  });
  add.addEventListener('click', () => {
    append('', Math.min(usual, Math.max(range(shotField('length')).min, shotLimits().max_seconds - total())));
    renew();
    part(list.lastElementChild, 'prompt').focus();
  });
}

/** Two empty shots to begin with; the first takes over what was written so far. */
export function begin(prompt) {
  if (list.children.length) return;
  append(prompt, usual);
  append('', usual);
  renumber();
}

function append(prompt, seconds) {
  list.append(template.content.cloneNode(true));
  const shot = list.lastElementChild;
  part(shot, 'prompt').value = prompt;
  const { min, max } = range(shotField('length'));
  Object.assign(part(shot, 'duration'), { min, max, value: seconds });
  part(shot, 'prompt').dataset.name = shotField('text').name;
  part(shot, 'duration').dataset.name = shotField('length').name;
}

function renumber() {
  [...list.children].forEach((shot, at) => {
    const name = `Shot ${at + 1}`;
    shot.dataset.pointer = `${pointer('shots')}/${at}`;
    shot.querySelector('.slate').textContent = at + 1;
    shot.querySelector('.fault').id = `shot-${at}-fault`;
    for (const control of [part(shot, 'prompt'), part(shot, 'duration')]) {
      control.dataset.control = '';
      control.setAttribute('aria-describedby', `shot-${at}-fault`);
    }
    part(shot, 'prompt').setAttribute('aria-label', `${name}: prompt`);
    part(shot, 'prompt').placeholder = at ? 'Then…' : 'First…';
    part(shot, 'duration').setAttribute('aria-label', `${name}: seconds`);
    const remove = shot.querySelector('.remove');
    remove.setAttribute('aria-label', `Remove shot ${at + 1}`);
    remove.hidden = list.children.length === 1;
  });

  const { max_count: most, min_seconds: shortest, max_seconds: longest } = shotLimits();
  add.hidden = list.children.length >= most;
  sum.textContent = `${total()} s of ${shortest}–${longest}`;
  sum.classList.toggle('over', !isFilmable());
  drawStrip();
}

function drawStrip() {
  strip.replaceChildren(...[...list.children].map(shot => {
    const segment = document.createElement('i');
    segment.style.setProperty('--seconds', secondsOf(shot));
    segment.textContent = secondsOf(shot) ? `${secondsOf(shot)} s` : '';
    return segment;
  }));
  strip.style.setProperty('--rest', Math.max(0, shotLimits().max_seconds - total()));
}
