// Two web pages on other origins call the API, in a real browser; only one of them may:
// node cross-origin.mjs <base url> <key> <listed page> <unlisted page>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it should be.

import assert from 'node:assert/strict';

import { inChromium } from './chromium.mjs';


const [base, key, listed, unlisted] = process.argv.slice(2);
if (!unlisted) {
  console.error('Usage: node cross-origin.mjs <base url> <key> <listed page> <unlisted page>');
  process.exit(2);
}

const order = prompt => ({ input: { image_url: 'https://example.com/start.png', prompt, duration: '5' } });

/** What a script on the page gets to see of a call: the answer, or only that there is none. */
async function call(page, url, options = {}) {
  return page.evaluate(async ([url, options]) => {
    try {
      const reply = await fetch(url, options);
      return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() };
    } catch (error) {
      return { error: error.name };
    }
  }, [new URL(url, base).href, options]);
}

/** The statuses that an EventSource on the page sees, until the job ends or the browser refuses. */
async function follow(page, url) {
  return page.evaluate(url => new Promise(resolve => {
    const statuses = [];
    const source = new EventSource(url);
    const finish = end => { source.close(); resolve({ statuses, end }); };
    source.addEventListener('job', event => {
      statuses.push(JSON.parse(event.data).status);
      if (statuses.at(-1) === 'completed') finish('completed');
    });
    source.addEventListener('error', () => finish('refused'));
  }), url);
}

function create(page, prompt, credential = key) {
  return call(page, 'v1/jobs', {
    method: 'POST',
    headers: { Authorization: `Bearer ${credential}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), Prefer: 'wait=1', 'x-fal-target-url': 'https://queue.fal.run/x' },
    body: JSON.stringify(order(prompt)),
  });
}

async function listedPageWorks(page) {
  const created = await create(page, 'Seen from a listed page.');
  assert.equal(created.status, 202, `The create was answered ${JSON.stringify(created)}.`);
  const job = JSON.parse(created.body);
  assert.equal(created.headers.location, `/v1/jobs/${job.id}`);
  for (const name of ['etag', 'x-request-id', 'x-klingproxy-mode', 'ratelimit', 'ratelimit-policy', 'retry-after'])
    assert.ok(created.headers[name], `The page must be able to read ${name}.`);

  const refused = await create(page, 'With a wrong key.', 'kp_wrong');
  assert.deepEqual([refused.status, JSON.parse(refused.body).code], [401, 'unauthorized'], 'A refusal must be readable.');

  const seen = await follow(page, job.links.events);
  assert.equal(seen.end, 'completed', `The events were ${JSON.stringify(seen)}.`);
  const ended = JSON.parse((await call(page, `v1/jobs/${job.id}`, { headers: { Authorization: `Bearer ${key}` } })).body);
  const video = await call(page, ended.links.video, { headers: { Range: 'bytes=0-9' } });
  assert.deepEqual([video.status, video.headers['content-range']?.startsWith('bytes 0-9/')], [206, true]);
  return { job: ended, statuses: seen.statuses };
}

async function unlistedPageSeesNothing(page, job) {
  for (const attempt of [
    await create(page, 'Seen from an unlisted page.'),
    await call(page, 'v1/models', { headers: { Authorization: `Bearer ${key}` } }),
    await call(page, 'v1/jobs'),
    await call(page, job.links.video),
  ]) assert.deepEqual(attempt, { error: 'TypeError' });
  assert.deepEqual(await follow(page, job.links.events), { statuses: [], end: 'refused' });
}

await inChromium('Pages on other origins are', async (good, browser) => {
  const bad = await browser.newPage();
  await good.goto(listed);
  await bad.goto(unlisted);
  const { job, statuses } = await listedPageWorks(good);
  await unlistedPageSeesNothing(bad, job);
  const mine = JSON.parse((await call(good, 'v1/jobs', { headers: { Authorization: `Bearer ${key}` } })).body).data;
  assert.deepEqual(mine.map(one => one.id), [job.id], 'The unlisted page must not have made a job.');
  return { statuses };
});
