// AI SDKs by the recipe of docs/from-fals-proxy.md, as it is written there, in Node: node sdks.mjs <base url> <key> <photograph.jpg>
// The recipe's proxy has a public name, which these SDKs insist on; it stands here for the address that was given.
// Prints one line of JSON; exits with 1 and a readable reason when an SDK does not get its video.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [base, key, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error('Usage: node sdks.mjs <base url> <key> <photograph.jpg>');
  process.exit(2);
}

process.env.KLINGPROXY_KEY = key;
const calls = [];
const { fetch: realFetch } = globalThis;
globalThis.fetch = async (address, init = {}) => {
  const url = new URL(address);
  if (url.hostname !== 'proxy.example.com') {
    assert.equal(url.hostname, new URL(base).hostname, `Somebody called ${url.host}.`); // fal itself, perhaps, with a key of ours
    return realFetch(address, init);
  }
  const headers = new Headers(init.headers);
  calls.push({ method: init.method ?? 'GET', path: url.pathname, target: headers.get('x-fal-target-url'), hasKey: headers.has('authorization') });
  return underItsName(new URL(url.pathname + url.search, base), init.method, headers, init.body);
};

/** What a front does: the service sees by which name it was called. */
function underItsName(url, method = 'GET', headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: { ...Object.fromEntries(headers), host: 'proxy.example.com' } }, reply => {
      const chunks = [];
      reply.on('data', chunk => chunks.push(chunk)).on('error', reject).on('end', () => resolve(new Response(Buffer.concat(chunks), { status: reply.statusCode, headers: reply.headers })));
    });
    request.on('error', reject).end(body);
  });
}

// The recipe's files, beside the modules that they import.
const folder = await mkdtemp(join(import.meta.dirname, '..', 'node_modules', '.recipe-'));
const document = await readFile(new URL('../../docs/from-fals-proxy.md', import.meta.url), 'utf8');
for (const [, name, text] of document.matchAll(/```js\n\/\/ (\S+\.mjs)\n([\s\S]*?)```/g))
  await writeFile(join(folder, name), text);
const recipe = name => import(pathToFileURL(join(folder, name)).href);

const image = 'https://example.com/start.png';
const prompt = what => `Petals fall. ${what} ${Math.random()}`;
const quickly = { poll: { intervalMs: 100, timeoutMs: 60_000 }, download: async ({ url }) => ({ data: new Uint8Array(await (await realFetch(url)).arrayBuffer()), mediaType: 'video/mp4' }) }; // it downloads from no private address

const checks = {
  async vercel() {
    const { film } = await recipe('vercel.mjs');
    for (const picture of [image, new Uint8Array(await readFile(photograph))]) {
      const { video } = await film(picture, prompt('Vercel'), quickly);
      assert.equal(Buffer.from(video.uint8Array.subarray(4, 8)).toString(), 'ftyp');
    }
    const followed = calls.filter(call => call.path.startsWith('/fal/queue/'));
    assert.ok(followed.length > 0 && followed.every(call => !call.hasKey), 'It follows addresses without its key.');
  },

  async vercel_is_told_what_is_wrong() {
    const { film } = await recipe('vercel.mjs');
    const refused = await film('http://example.com/start.png', prompt('Refused'), quickly).then(() => assert.fail(), error => error);
    assert.match(refused.message, /image_url: .*https/);
    const failed = await film(image, 'sandbox:completes-then-422', quickly).then(() => assert.fail(), error => error);
    assert.match(failed.message, /The prompt was rejected/);
  },

  async tanstack() {
    const { submit, look } = await recipe('tanstack.mjs');
    const { jobId } = await submit(image, prompt('TanStack'));
    let seen = await look(jobId);
    for (; seen.status !== 'completed'; seen = await look(jobId)) assert.ok(['pending', 'processing'].includes(seen.status), JSON.stringify(seen));
    assert.match(seen.url, /^http/);
    assert.equal(seen.usage?.unitsBilled ?? 5, 5);
  },

  async tanstack_is_told_what_is_wrong() {
    const { submit } = await recipe('tanstack.mjs');
    const refused = await submit('ftp://example.com/start.png', prompt('Refused')).then(() => assert.fail(), error => error);
    assert.match(refused.message, /image_url/);
  },
};

const outcomes = await Promise.allSettled(Object.values(checks).map(check => check()));
await rm(folder, { recursive: true });
const failures = outcomes.flatMap((outcome, at) => (outcome.status === 'rejected' ? [`${Object.keys(checks)[at]}: ${outcome.reason.stack}`] : []));
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
process.stdout.write(JSON.stringify({ ok: true, checks: outcomes.length, calls: calls.length }));
process.exit(0);
