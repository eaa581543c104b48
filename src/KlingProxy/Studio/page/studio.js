import { call, wire } from './api.js';
import * as banner from './banner.js';
import { finals, money } from './format.js';
import { ImageSlot } from './image-slot.js';
import * as jobs from './job.js';
import * as lock from './lock.js';
import * as prompt from './prompt.js';
import { Quote } from './quote.js';
import * as recent from './recent.js';
import * as screen from './screen.js';
import * as shots from './shots.js';
import * as violations from './violations.js';

const at = id => document.getElementById(id);
const several = at('several');
const duration = at('duration');

const first = new ImageSlot('/input/image_url', at('image'), at('screen'));
const last = new ImageSlot('/input/end_image_url', at('end-image'), at('end-drop'));
const quote = new Quote(readOrder, showQuote);

const pictures = new Map(); // job id → the still it was made of, for as long as this page lives
let shown = null; // the job on the screen
let unfollow = () => {};
let sending = false;
let renewed = null; // the job whose video link was renewed once
let canceling = null;

// ── the order ──

function readOrder() {
  return {
    image_url: first.url,
    end_image_url: last.url,
    ...(several.checked
      ? { multi_prompt: shots.read(), duration: shots.isFilmable() ? String(shots.total()) : undefined }
      : { prompt: prompt.text(), duration: duration.value }),
    generate_audio: at('audio').checked,
  };
}

function changed(...pointers) {
  pointers.forEach(violations.touch);
  if (!lock.locked) quote.soon();
}

function showQuote(answer, refusal) {
  if (refusal) {
    banner.show(refusal);
  } else {
    violations.show(answer.errors ?? []);
    if (!sending) banner.clear();
  }
  const amount = answer?.amount;
  at('make-price').textContent = amount ? ` · ${money(amount, answer.currency)}` : '';
  at('breakdown').textContent = amount ? `${answer.seconds} s × ${money(answer.unit_price, answer.currency)} a second` : '\u00a0';
}

// ── the click ──

async function make(event) {
  event.preventDefault();
  if (sending || isRolling()) return;
  setSending(true);
  banner.clear();
  violations.touchAll();
  try {
    await Promise.all([first.ready, last.ready]);
    if (first.isPending || last.isPending) return violations.focusFirst(); // never a video without the last frame that was asked for
    const answer = await quote.now();
    if (!answer) return; // the form changed meanwhile: another price, another click
    if (answer.errors?.length) return refuse(answer.errors);

    const still = first.file;
    const job = await jobs.submit(readOrder(), answer.amount);
    pictures.set(job.id, URL.createObjectURL(still)); // of its own: the slot may take another image meanwhile
    violations.untouch();
    open(job);
    listRecent();
  } catch (refusal) {
    banner.show(refusal, violations.show(refusal.errors ?? []));
    violations.focusFirst();
  } finally {
    setSending(false);
  }
}

function refuse(errors) {
  const homeless = violations.show(errors);
  if (homeless.length) banner.show({ title: 'Something is still missing.' }, homeless);
  violations.focusFirst();
}

// ── the screen ──

const isRolling = () => shown !== null && !finals.has(shown.status) && shown.status !== 'lost';

function open(job) {
  unfollow();
  renewed = null;
  history.replaceState(null, '', `#${job.id}`);
  move(job);
  unfollow = isRolling() ? jobs.follow(job, move) : () => {};
  recent.highlight(job.id);
  at('screen').scrollIntoView({ block: 'nearest' });
}

function move(job) {
  const isNews = shown?.id === job.id && shown.status !== job.status;
  shown = job;
  screen.showJob({ ...job, canceling: canceling === job.id }, pictures.get(job.id));
  drawButton();
  if (isNews) listRecent();
}

function leave() {
  unfollow();
  shown = null;
  history.replaceState(null, '', location.pathname + location.search);
  screen.showStill(first);
  drawButton();
  recent.highlight(null);
}

async function cancel() {
  canceling = shown.id;
  move(shown);
  try {
    await jobs.cancel(shown.id);
  } catch (refusal) {
    canceling = null;
    if (refusal.status !== 409) banner.show(refusal); // 409: it ended first, and the stream says how
    if (shown) move(shown);
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

async function openFromAddress() {
  const id = /^#(job_[\w-]+)$/.exec(location.hash)?.[1];
  if (!id || id === shown?.id) return;
  try {
    open(await jobs.find(id));
  } catch (refusal) {
    if (refusal.status !== 401) leave();
  }
}

// ── the rest of the page ──

function setSending(value) {
  sending = value;
  drawButton();
}

function drawButton() {
  at('make').disabled = sending || isRolling();
  at('make-words').textContent = sending ? 'Handing in' : isRolling() ? 'In the making' : 'Make the video';
  at('make-price').hidden = at('make').disabled;
}

const listRecent = () => recent.refresh(open, shown?.id).catch(() => {}); // a luxury: its failure is not worth a word

async function learnModel() {
  const { data: [model] } = await call('GET', 'v1/models');
  at('model').textContent = model?.title ?? '';
  ImageSlot.largest = model?.image?.max_bytes ?? ImageSlot.largest;
}

function switchShots() {
  if (several.checked) shots.begin(prompt.text());
  at('one-shot').hidden = several.checked;
  at('several-shots').hidden = !several.checked;
  at('length').hidden = several.checked;
  violations.untouch();
  changed();
}

function showLast() {
  at('end-still').hidden = !last.preview;
  if (last.preview) at('end-still').src = last.preview;
  else at('end-still').removeAttribute('src');
  at('end-facts').textContent = last.facts || 'Optional: where it ends';
  at('end-remove').hidden = !last.file;
}

function listen() {
  at('order').addEventListener('submit', make);
  document.querySelectorAll('[name="shots"]').forEach(radio => radio.addEventListener('change', switchShots));
  duration.addEventListener('input', () => {
    at('seconds').textContent = `${duration.value} s`;
    changed('/input/duration');
  });
  at('audio').addEventListener('change', () => changed('/input/generate_audio'));

  first.addEventListener('change', () => {
    if (shown) leave();
    else screen.showStill(first);
    changed();
  });
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

  at('cancel').addEventListener('click', cancel);
  at('again').addEventListener('click', leave);
  addEventListener('hashchange', openFromAddress);

  for (const name of ['dragover', 'drop']) addEventListener(name, event => event.preventDefault()); // or a missed drop would leave the page
  addEventListener('paste', event => {
    const file = [...event.clipboardData.files].find(pasted => pasted.type.startsWith('image/'));
    if (file) first.take(file);
  });

  wire.addEventListener('mode', ({ detail }) => {
    at('mode').hidden = detail !== 'sandbox';
    if (detail === 'sandbox' && !at('mode').textContent) at('mode').textContent = 'Sandbox: nothing is spent';
  });
  wire.addEventListener('unlocked', begin);
}

function begin() {
  banner.clear();
  learnModel().catch(() => {}); // the quote, asked at the same time, reports what is wrong
  quote.now().catch(() => {});
  listRecent();
  openFromAddress();
}

lock.start();
prompt.start(changed);
shots.start(changed);
screen.start(renew);
listen();
begin();
