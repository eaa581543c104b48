// The screen: the still that was chosen, then what becomes of it, then the film.

import { clockLead, here } from '../api.js';
import { describe } from './banner.js';
import { hasEnded, lengthOf, price, promptOf, stateOf, timecode, weight } from '../format.js';

const at = id => document.getElementById(id);
const screen = at('screen');
const still = at('still');
const glow = at('glow');
const video = at('video');
const rolling = at('rolling');
const verdict = at('verdict');

let ticking = 0;
let playing = null;
let stale = () => {};

/** @param onStale asked for a fresh job when its video link no longer opens. */
export function start(onStale) {
  stale = onStale;
  video.addEventListener('error', () => {
    if (video.hidden || !playing) return;
    const job = playing;
    playing = null;
    stale(job);
  });
  still.addEventListener('load', () => {
    const ratio = Math.min(2.4, Math.max(0.8, still.naturalWidth / still.naturalHeight));
    screen.style.setProperty('--ratio', ratio.toFixed(4));
  });
  still.addEventListener('error', () => screen.dataset.shows === 'still' && (still.hidden = true));
}

export function showStill(slot) {
  rest();
  setPicture(slot.preview);
  screen.dataset.shows = slot.preview ? 'still' : 'empty';
  at('drop').hidden = false; // over the picture too: a click on it chooses another
  at('job-bar').hidden = true;
  at('still-bar').hidden = !slot.preview;
  at('still-facts').textContent = slot.file ? [slot.file.name, slot.facts].filter(Boolean).join(' · ') : '';
}

/** @param picture the still this job was made of, when this page still knows it. */
export function showJob(job, picture) {
  const ended = hasEnded(job);
  at('drop').hidden = true;
  at('still-bar').hidden = true;
  at('job-bar').hidden = false;
  at('job-facts').textContent = [lengthOf(job), price(job), shortened(promptOf(job))].filter(Boolean).join(' · ');
  at('cancel').hidden = ended || job.canceling;
  at('download').hidden = job.status !== 'completed';
  screen.dataset.shows = job.status === 'completed' ? 'video' : ended ? 'ended' : 'job';
  rolling.hidden = ended;
  verdict.hidden = !ended || job.status === 'completed';

  if (job.status === 'completed') return play(job);
  if (playing) rest();
  setPicture(picture);
  if (ended) return conclude(job);

  say('state', stateOf(job.status));
  say('remark', remark(job));
  tick(job);
}

/** The video would not open, twice. */
export function showUnplayable(job) {
  rest();
  screen.dataset.shows = 'ended';
  verdict.hidden = false;
  verdict.replaceChildren(...describe({
    title: 'The video could not be played.', detail: 'Its link may have expired, or the file is gone. Try the download.', jobId: job.id,
  }));
}

function play(job) {
  clearInterval(ticking);
  const source = here(job.links.video);
  const name = job.video?.file_name || `${job.id}.mp4`;
  at('download').href = source;
  at('download').download = name;
  at('download').textContent = job.video?.file_size ? `Download · ${weight(job.video.file_size)}` : 'Download';
  if (playing?.id === job.id) return;
  playing = job;
  video.src = source;
  video.hidden = false;
  still.hidden = true;
  say('state', stateOf(job.status));
}

function conclude(job) {
  clearInterval(ticking);
  const cause = job.error ?? {};
  const detail = { canceled: 'It was canceled before it was done.', expired: 'It did not start in time.' }[job.status];
  verdict.replaceChildren(...describe({
    title: cause.title ?? stateOf(job.status), detail: cause.detail ?? detail, loose: cause.errors, jobId: job.id,
  }));
}

function rest() {
  clearInterval(ticking);
  playing = null;
  video.hidden = rolling.hidden = verdict.hidden = true;
  if (video.hasAttribute('src')) {
    video.removeAttribute('src');
    video.load(); // lets go of the connection
  }
}

function setPicture(picture) {
  still.hidden = glow.hidden = !picture;
  if (!picture) {
    still.removeAttribute('src');
    glow.removeAttribute('src');
    screen.style.removeProperty('--ratio');
  } else if (still.src !== picture) {
    still.src = glow.src = picture;
  }
}

function tick(job) {
  const show = () => say('timecode', timecode(Date.now() + clockLead - Date.parse(job.created_at)));
  clearInterval(ticking);
  ticking = setInterval(show, 1000);
  show();
}

function remark(job) {
  if (job.canceling) return 'Asked to cancel; fal has the last word.';
  switch (job.status) {
    case 'queued':
      return Number.isInteger(job.queue_position) ? (job.queue_position ? `Position ${job.queue_position}` : 'Next in line') : '';
    case 'in_progress': return 'This takes a few minutes. You may leave; it goes on without you.';
    case 'finalizing': return 'Fetching the result.';
    case 'unconfirmed': return 'The answer was lost on the way. It is never sent twice; we are finding out.';
    default: return '';
  }
}

const shortened = words => (words.length > 90 ? `${words.slice(0, 88).trimEnd()}…` : words);

function say(id, words) {
  if (at(id).textContent !== words) at(id).textContent = words; // a live region speaks only when something changed
}
