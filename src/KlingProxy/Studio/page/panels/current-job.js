// The one job that is on the screen: opened, followed, canceled, left.

import * as banner from './banner.js';
import { hasEnded } from '../format.js';
import * as jobs from '../job.js';
import { first } from './order.js';
import * as recent from './recent.js';
import * as screen from './screen.js';

const pictures = new Map(); // job id → the still it was made of, for as long as this page lives

let shown = null;
let unfollow = () => {};
let canceling = null; // id of the job that was asked to stop
let renewed = null; // id of the job whose video link was renewed once
let moved = () => {};

export const isRolling = () => shown !== null && !hasEnded(shown);

/** @param onMove called whenever another job is shown, or none, or the shown one moved. */
export function start(onMove) {
  moved = onMove;
  screen.start(renew);
  first.addEventListener('change', () => (shown ? leave() : screen.showStill(first)));
  document.getElementById('cancel').addEventListener('click', cancel);
  document.getElementById('again').addEventListener('click', leave);
  addEventListener('hashchange', openFromAddress);
}

/** @param still the file it was made of, when it was made on this page. */
export function open(job, still) {
  unfollow();
  renewed = null;
  if (still) pictures.set(job.id, URL.createObjectURL(still));
  history.replaceState(null, '', `#${job.id}`);
  move(job);
  unfollow = isRolling() ? jobs.follow(job, move) : () => {};
  recent.highlight(job.id);
  document.getElementById('screen').scrollIntoView({ block: 'nearest' });
}

/** A job in the address survives a reload, and can be bookmarked while it is being made. */
export async function openFromAddress() {
  const id = /^#(job_[\w-]+)$/.exec(location.hash)?.[1];
  if (!id || id === shown?.id) return;
  try {
    open(await jobs.find(id));
  } catch (refusal) {
    if (refusal.status !== 401) leave();
  }
}

export const listRecent = () => recent.refresh(open, shown?.id).catch(() => {}); // a luxury: its failure is not worth a word

function move(job) {
  const isNews = shown?.id === job.id && shown.status !== job.status;
  shown = job;
  screen.showJob({ ...job, canceling: canceling === job.id }, pictures.get(job.id));
  if (isNews) listRecent();
  moved();
}

function leave() {
  unfollow();
  shown = null;
  history.replaceState(null, '', location.pathname + location.search);
  screen.showStill(first);
  recent.highlight(null);
  moved();
}

async function cancel() {
  const { id } = shown;
  canceling = id;
  move(shown);
  try {
    await jobs.cancel(id);
  } catch (refusal) {
    canceling = null;
    if (refusal.status !== 409) banner.show(refusal); // 409: it ended first, and its stream says how
    if (shown?.id === id) move(shown);
  }
}

/** Signed links expire while a page lies open: ask once for a fresh one. */
async function renew(job) {
  if (renewed === job.id) return screen.showUnplayable(job);
  renewed = job.id;
  const fresh = await jobs.find(job.id).catch(() => null);
  if (shown?.id !== job.id) return;
  if (fresh) move(fresh);
  else screen.showUnplayable(job);
}
