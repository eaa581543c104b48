// What Next.js, create-react-app and webpack-dev-server put in front: a compression that collects until it pays. Events come through it at once:
// node compression.mjs <base url> <key>
// Prints one line of JSON; exits with 1 and a readable reason when something is held back.

import assert from 'node:assert/strict';
import http from 'node:http';
import zlib from 'node:zlib';

import compression from 'compression';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const [base, key] = process.argv.slice(2);
if (!key) {
  console.error('Usage: node compression.mjs <base url> <key>');
  process.exit(2);
}

const front = express().use(compression()).use(createProxyMiddleware({ target: base, changeOrigin: true }));
const server = await new Promise(resolve => { const listening = front.listen(0, '127.0.0.1', () => resolve(listening)); });
const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
const model = 'fal-ai/kling-video/o3/4k/image-to-video';

/** Whether something comes through while there is more to come. */
function first(path, accept) {
  return new Promise((resolve, reject) => {
    const { port } = server.address();
    const request = http.get({ host: '127.0.0.1', port, path, headers: { ...headers, Accept: accept, 'Accept-Encoding': 'gzip, deflate' } }, reply => {
      const body = reply.headers['content-encoding'] === 'gzip' ? reply.pipe(zlib.createGunzip()) : reply;
      body.once('data', bytes => { resolve({ status: reply.statusCode, encoding: reply.headers['content-encoding'], text: bytes.toString() }); request.destroy(); });
      body.once('error', reject);
    });
    request.once('error', reject);
  });
}

/** A job that does not end by itself, so what comes at all has come in time. */
const input = () => ({ image_url: 'https://example.com/start.png', prompt: `A gate opens. ${Math.random()} sandbox:stalls`, duration: '3' });

try {
  const { port } = server.address();
  const through = (path, body) => fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }).then(reply => reply.json());
  const job = await through('/v1/jobs', { input: input() });
  const submitted = await through(`/fal/queue/${model}`, input());

  const timeout = setTimeout(() => { console.error('Nothing came through: it is held back.'); process.exit(1); }, 60_000);
  const events = await first(`/v1/jobs/${job.id}/events`, 'text/event-stream');
  const stream = await first(`/fal/queue/fal-ai/kling-video/requests/${submitted.request_id}/status/stream?logs=1`, 'text/event-stream');
  clearTimeout(timeout);

  assert.match(events.text, /"submitting"|"queued"/);
  assert.match(stream.text, /IN_QUEUE/);
  for (const { status, encoding } of [events, stream]) assert.deepEqual([status, encoding ?? 'identity'], [200, 'identity']);
  console.log(JSON.stringify({ ok: true }));
  process.exit(0);
} catch (error) {
  console.error(error.stack);
  process.exit(1);
}
