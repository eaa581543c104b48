// Several shots: one to six, each with its words and seconds, three to fifteen seconds together.

const most = 6;
const shortest = 3;
const longest = 15;

const list = document.getElementById('shots');
const template = document.getElementById('shot');
const add = document.getElementById('add-shot');
const sum = document.getElementById('sum');
const strip = document.getElementById('strip');

const part = (shot, name) => shot.querySelector(`[data-part="${name}"]`);
const secondsOf = shot => Number.parseInt(part(shot, 'duration').value, 10) || 0;

export const total = () => [...list.children].reduce((seconds, shot) => seconds + secondsOf(shot), 0);
export const isFilmable = () => total() >= shortest && total() <= longest;
export const read = () => [...list.children].map(shot => ({ prompt: part(shot, 'prompt').value, duration: part(shot, 'duration').value }));

export function start(changed) {
  const renew = (...pointers) => {
    renumber();
    changed('/input/multi_prompt', ...pointers);
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
    append('', Math.min(3, Math.max(1, longest - total())));
    renew();
    part(list.lastElementChild, 'prompt').focus();
  });
}

/** Two empty shots to begin with; the first takes over what was written so far. */
export function begin(prompt) {
  if (list.children.length) return;
  append(prompt, 3);
  append('', 3);
  renumber();
}

function append(prompt, seconds) {
  list.append(template.content.cloneNode(true));
  const shot = list.lastElementChild;
  part(shot, 'prompt').value = prompt;
  part(shot, 'duration').value = seconds;
}

function renumber() {
  [...list.children].forEach((shot, at) => {
    const name = `Shot ${at + 1}`;
    shot.dataset.pointer = `/input/multi_prompt/${at}`;
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
  strip.style.setProperty('--rest', Math.max(0, longest - total()));
}
