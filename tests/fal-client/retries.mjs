// fal's own client behind a network that breaks, in Node: node retries.mjs <package> <base url> <key>
// The client repeats by itself what failed on the way. Whatever broke, there must be one job for each wish.
// Prints one line of JSON; exits with 1 and a readable reason when there is not.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';

const [name, base, key] = process.argv.slice(2);
if (!key) {
  console.error('Usage: node retries.mjs <package> <base url> <key>');
  process.exit(2);
}

const { createFalClient } = createRequire(import.meta.url)(name);
const model = 'fal-ai/kling-video/o3/4k/image-to-video';

/** What a proxy on the way does to the first two POSTs of a wish: `before` the service has answered, or with its answer in hand. */
const troubles = {
  'drops the connection before the answer': { before: true, then: reply => reply.destroy() },
  'drops the connection instead of the answer': { then: reply => reply.destroy() },
  'answers 502 before the answer': { before: true, then: reply => reply.writeHead(502, { 'Content-Type': 'text/html' }).end('<html>') },
  'answers 502 instead of the answer': { then: reply => reply.writeHead(502, { 'Content-Type': 'text/html' }).end('<html>') },
  'answers 503 instead of the answer': { then: reply => reply.writeHead(503).end() },
  'answers 504 instead of the answer': { then: reply => reply.writeHead(504, { 'Content-Type': 'text/html' }).end('<html>') },
  'breaks off within the answer': { then: (reply, answer, bytes) => { reply.writeHead(answer.statusCode, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }); reply.write(bytes.subarray(0, 9), () => reply.destroy()); } },
};

/** A proxy that does one of them, then passes everything. */
function front(trouble) {
  let posts = 0;
  const server = http.createServer((request, reply) => {
    const onward = http.request(new URL(request.url, base), { method: request.method, headers: { ...request.headers, host: new URL(base).host } });
    onward.on('error', () => reply.destroy());
    request.pipe(onward);
    const spoil = request.method === 'POST' && ++posts <= 2;
    if (spoil && trouble.before) {
      // As a proxy does whose patience ends: it closes both sides, once the request has arrived.
      request.on('end', () => setTimeout(() => { onward.destroy(); trouble.then(reply); }, 200));
      return;
    }
    onward.on('response', answer => {
      if (!spoil) { reply.writeHead(answer.statusCode, answer.headers); answer.pipe(reply); return; }
      const chunks = [];
      answer.on('data', chunk => chunks.push(chunk)).on('end', () => trouble.then(reply, answer, Buffer.concat(chunks)));
    });
  });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/`, posts: () => posts })));
}

async function jobsOf(prompt) {
  const reply = await fetch(new URL('v1/jobs?limit=100', base), { headers: { Authorization: `Bearer ${key}` } });
  return (await reply.json()).data.filter(job => job.input.prompt === prompt);
}

async function wish(call, what) {
  const { server, url, posts } = await front(troubles[what]);
  try {
    const fal = createFalClient({ credentials: key, proxyUrl: { url: new URL('api/fal/proxy', url).href, when: 'always' } });
    const prompt = `${call} through a proxy that ${what}. ${Math.random()}`;
    const input = { image_url: 'https://example.com/start.png', prompt, duration: '3' };
    const result = call === 'submit then result'
      ? await fal.queue.submit(model, { input }).then(async ({ request_id: requestId }) => {
          await fal.queue.subscribeToStatus(model, { requestId, pollInterval: 200 });
          return fal.queue.result(model, { requestId });
        })
      : await fal[call](model, { input, pollInterval: 200 });
    assert.ok(result.data.video.url);
    assert.ok(posts() >= 3, `The client sent ${posts()} POSTs: it did not repeat.`);
    const jobs = await jobsOf(prompt);
    assert.equal(jobs.length, 1, `${jobs.length} jobs`);
    assert.equal(jobs[0].id, result.requestId);
  } catch (error) {
    throw new Error(`${call}, ${what}: ${error.stack}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const wishes = ['subscribe', 'submit then result', 'run'].flatMap(call => Object.keys(troubles).map(what => [call, what]));
const outcomes = await Promise.allSettled(wishes.map(([call, what]) => wish(call, what)));
const failures = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason.message);
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
console.log(JSON.stringify({ ok: true, wishes: wishes.length }));
process.exit(0);
