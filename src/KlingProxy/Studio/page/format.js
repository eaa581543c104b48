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

export function seconds(input) {
  const shots = (input.multi_prompt ?? []).reduce((sum, shot) => sum + Number(shot.duration ?? 5), 0);
  return Math.max(shots, Number(input.duration ?? (shots ? 0 : 5)));
}

export const promptOf = input => input.prompt ?? (input.multi_prompt ?? []).map(shot => shot.prompt).join(' · ');
