// The price before the click, and the click.

import * as banner from './banner.js';
import * as currentJob from './current-job.js';
import { money } from '../format.js';
import { submit } from '../job.js';
import { locked } from './key-panel.js';
import * as order from './order.js';
import { Quote } from '../quote.js';
import * as violations from './violations.js';

const at = id => document.getElementById(id);
const quote = new Quote(order.read, showQuote);
let sending = false;

export const askPrice = () => quote.now().catch(() => {}); // it is shown where it arrives

export function start() {
  order.start(() => locked || quote.soon());
  currentJob.start(drawButton);
  at('order').addEventListener('submit', event => {
    event.preventDefault();
    if (!sending && !currentJob.isRolling()) make();
  });
}

async function make() {
  setSending(true);
  banner.clear();
  violations.touchAll();
  try {
    await order.uploads();
    const answer = await quote.now();
    if (!answer) return; // the form changed meanwhile: another price, another click
    if (!order.isFinished() || answer.errors?.length) refuse(answer.errors ?? []);
    else await send(answer.amount);
  } catch (refusal) {
    refuse(refusal.errors, refusal);
  } finally {
    setSending(false);
  }
}

async function send(amount) {
  const still = order.first.file;
  const job = await submit(order.read(), amount);
  violations.untouch();
  currentJob.open(job, still);
  currentJob.listRecent();
  askPrice(); // less is left
}

function refuse(errors, refusal) {
  const homeless = violations.show(errors);
  if (refusal) banner.show(refusal, homeless);
  else if (homeless.length) banner.show({ title: 'Something is still missing.' }, homeless);
  if (!violations.focusFirst()) banner.reveal();
}

function showQuote(answer, refusal) {
  if (refusal) {
    banner.show(refusal);
  } else {
    violations.show(answer.errors ?? []);
    banner.clear();
  }
  const amount = answer?.amount;
  at('make-price').textContent = amount ? ` · ${money(amount, answer.currency)}` : '';
  at('breakdown').textContent = amount ? sum(answer) : '\u00a0';
}

function sum({ seconds, unit_price: unitPrice, budget_left: left, currency }) {
  const price = `${seconds} s × ${money(unitPrice, currency)} a second`;
  return left ? `${price} · ${money(left, currency)} left` : price;
}

function setSending(value) {
  sending = value;
  drawButton();
}

function drawButton() {
  const rolling = currentJob.isRolling();
  at('make').disabled = sending || rolling;
  at('make-price').hidden = sending || rolling;
  at('make-words').textContent = sending ? 'Sending…' : rolling ? 'In the making' : 'Make the video';
}
