// A page of an app without sign-in uses the ticket that its server gave it, in a real browser, on another origin:
// node ticket.mjs <base url> <ticket> <the ticket's page> <another listed page> <photograph.jpg>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it should be.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { inChromium } from './chromium.mjs';

const [base, ticket, own, other, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error("Usage: node ticket.mjs <base url> <ticket> <the ticket's page> <another listed page> <photograph.jpg>");
  process.exit(2);
}

/** What the app's own script does: uploads a picture, orders once, follows the job, and gives the video to a player. */
async function order([base, ticket, bytes]) {
  const headers = { Authorization: `Bearer ${ticket}` };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const answer = async reply => ({ status: reply.status, body: await reply.json() });

  const upload = await answer(await fetch(new URL('v1/uploads', base), { method: 'POST', headers: { ...headers, 'Content-Type': 'image/jpeg' }, body: new Uint8Array(bytes) }));
  if (upload.status !== 201) return { upload };
  const body = JSON.stringify({ input: { image_url: upload.body.url, prompt: 'The sun sets behind the hills.', duration: '5' } });
  const create = () => fetch(new URL('v1/jobs', base), { method: 'POST', headers: json, body });
  const job = await answer(await create());
  if (job.status !== 202) return { upload, job };

  const statuses = await new Promise((resolve, reject) => {
    const seen = [], events = new EventSource(job.body.links.events);
    events.addEventListener('job', event => {
      seen.push(JSON.parse(event.data).status);
      if (seen.at(-1) === 'completed') { events.close(); resolve(seen); }
    });
    events.addEventListener('error', () => reject(new Error(`The events broke off after ${seen}.`)));
  });
  const ended = await answer(await fetch(job.body.links.self, { headers }));
  const video = document.body.appendChild(document.createElement('video'));
  video.muted = true;
  video.src = ended.body.links.video;
  await video.play();
  const second = await answer(await create());
  return { job, statuses, played: video.videoWidth > 0, cost: ended.body.cost, second };
}

await inChromium('A ticket is', async (page, browser) => {
  const stranger = await browser.newPage();
  await stranger.goto(other);
  const stolen = await stranger.evaluate(order, [base, ticket, [...await readFile(photograph)]]);
  assert.deepEqual([stolen.upload.status, stolen.upload.body.code], [403, 'origin-refused'], 'Another page must not use it.');

  await page.goto(own);
  const seen = await page.evaluate(order, [base, ticket, [...await readFile(photograph)]]);
  assert.equal(seen.job?.status, 202, JSON.stringify(seen));
  assert.equal(seen.statuses.at(-1), 'completed');
  assert.ok(seen.played, 'The video must play.');
  assert.deepEqual([seen.second.status, seen.second.body.code], [403, 'ticket-spent'], 'It is good for one job.');
  return { statuses: seen.statuses, cost: seen.cost };
});
