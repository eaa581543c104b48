// Asking for a video and following it: by its event stream, by polling when the stream breaks.

import { call, here } from './api.js';
import { hasEnded } from './format.js';

const pause = milliseconds => new Promise(resume => setTimeout(resume, milliseconds));

/** A fresh name for one click. A lost answer is asked for again under the same name, so no click is paid twice. */
export async function submit(input, maxCost) {
  const idempotencyKey = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
  const json = { input, max_cost: maxCost }; // never more than the button said

  for (const wait of [1000, 3000, 0]) {
    try {
      return await call('POST', 'v1/jobs', { json, idempotencyKey });
    } catch (refusal) {
      if (refusal.code !== 'unreachable' || !wait) throw refusal;
      await pause(wait);
    }
  }
}

export const find = id => call('GET', `v1/jobs/${encodeURIComponent(id)}`);
export const cancel = id => call('POST', `v1/jobs/${encodeURIComponent(id)}/cancel`);

/** Calls `changed` with the job whenever it moves, until it has ended. Returns a function that stops following. */
export function follow(job, changed) {
  let stopped = false;

  const say = next => {
    if (stopped) return;
    job = next;
    changed(job);
  };

  const stream = new EventSource(here(job.links.events));
  stream.addEventListener('job', ({ data }) => {
    const event = JSON.parse(data);
    if (hasEnded(event)) {
      stream.close();
      poll(0);
    } else {
      say({ ...job, status: event.status, queue_position: event.queue_position ?? null });
    }
  });
  stream.addEventListener('error', () => {
    stream.close();
    poll(3000);
  });

  async function poll(wait) {
    for (let failures = 0; !stopped; wait = Math.min(3000 * 2 ** failures, 30000)) {
      await pause(wait);
      if (stopped) return;
      try {
        say(await find(job.id));
        if (hasEnded(job)) return;
        failures = 0;
      } catch (refusal) {
        if ([401, 403, 404].includes(refusal.status)) return say({ ...job, status: 'lost', error: refusal });
        failures = Math.min(failures + 1, 4);
      }
    }
  }

  return () => {
    stopped = true;
    stream.close();
  };
}
