import { field, shotField } from './model.js';

// The last one is ours: the job cannot be read any more.
const finals = new Set(['completed', 'failed', 'canceled', 'expired', 'lost']);

export const hasEnded = job => finals.has(job.status);

/** Amounts are decimal strings and stay strings: no arithmetic on money here. */
export const money = (amount, currency = 'USD') => (currency === 'USD' ? `$${amount}` : `${amount} ${currency}`);

/** What a job costs or cost; one that ended without a video costs nothing. */
export function price(job) {
  const amount = job.cost ?? (hasEnded(job) ? null : job.estimated_cost);
  return amount ? money(amount) : '';
}

export function weight(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function timecode(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const pair = number => String(number).padStart(2, '0');
  return `${pair(Math.floor(seconds / 3600))}:${pair(Math.floor(seconds / 60) % 60)}:${pair(seconds % 60)}`;
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function ago(time, now) {
  const seconds = Math.min(0, (Date.parse(time) - now) / 1000);
  if (seconds > -60) return 'just now';
  if (seconds > -3600) return relative.format(Math.ceil(seconds / 60), 'minute');
  if (seconds > -86400) return relative.format(Math.ceil(seconds / 3600), 'hour');
  return relative.format(Math.ceil(seconds / 86400), 'day');
}

const words = {
  submitting: 'Sending',
  queued: 'In the queue',
  in_progress: 'Filming',
  finalizing: 'Developing',
  completed: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
  expired: 'Expired',
  unconfirmed: 'Waiting for word',
  lost: 'Out of sight',
};

/** One or two words for a status; a word we do not know yet is shown as it is. */
export const stateOf = status => words[status] ?? status;

/** How long the video is, in words; the sum of the shots or what the job asks for, whichever is more. */
export function lengthOf({ model, input }) {
  const length = field('length', model);
  const shotLength = shotField('length', model);
  const shots = shotsOf(model, input).reduce((sum, shot) => sum + Number(shot[shotLength.name] ?? shotLength.default), 0);
  return length ? `${Math.max(shots, Number(input[length.name] ?? (shots ? 0 : length.default)))} s` : '';
}

export const promptOf = ({ model, input }) =>
  input[field('text', model)?.name] ?? shotsOf(model, input).map(shot => shot[shotField('text', model).name]).join(' · ');

const shotsOf = (model, input) => input[field('shots', model)?.name] ?? [];
