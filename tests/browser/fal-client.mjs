// fal's own client in a real browser, unbundled and unpatched: node fal-client.mjs <package> <base url> <photograph.jpg>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it is at fal.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { inChromium } from './chromium.mjs';

const [name, base, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error('Usage: node fal-client.mjs <package> <base url> <photograph.jpg>');
  process.exit(2);
}

/** The files of a CommonJS package as they are, with the little around them that Node would have. */
async function commonJs(entry) {
  const files = new Map();
  async function add(file) {
    if (files.has(file)) return;
    files.set(file, null);
    const text = await readFile(file, 'utf8');
    const needs = {};
    for (const [, needed] of text.matchAll(/require\("([^"]+)"\)/g)) {
      needs[needed] = createRequire(file).resolve(needed);
      await add(needs[needed]);
    }
    const code = file.endsWith('.json') ? `module.exports = ${text};` : text;
    files.set(file, `${JSON.stringify(file)}: [${JSON.stringify(needs)}, function (module, exports, require) {${code}\n}]`);
  }
  const start = createRequire(import.meta.url).resolve(entry);
  await add(start);
  return `(() => {
    const files = {${[...files.values()].join(',\n')}}, loaded = {};
    const load = file => {
      if (loaded[file]) return loaded[file].exports;
      const module = loaded[file] = { exports: {} };
      files[file][1](module, module.exports, needed => load(files[file][0][needed]));
      return module.exports;
    };
    window.falClient = load(${JSON.stringify(start)});
  })();`;
}


async function examples(bytes) {
  const { fal, ApiError, ValidationError } = window.falClient;
  const seen = { videos: [], words: [], logs: [] };
  const must = (right, words) => { if (!right) throw new Error(words); };

  // The one line.
  fal.config({ proxyUrl: '/api/fal/proxy' });

  // The model's page, its three inputs.
  const inputs = [
    { image_url: 'https://example.com/start.png', prompt: 'Slow push-in while petals fall.', duration: '5' },
    { image_url: 'https://example.com/start.png', end_image_url: 'https://example.com/end.png', prompt: 'The gate opens.', duration: '10', generate_audio: true },
    {
      image_url: 'https://example.com/start.png',
      multi_prompt: [{ prompt: 'Wide shot of the gate.', duration: '3' }, { prompt: 'Close-up of the lantern.', duration: '3' }, { prompt: 'The street from above.', duration: '4' }],
      shot_type: 'customize',
    },
  ];
  await Promise.all(inputs.map(async input => {
    const result = await fal.subscribe("fal-ai/kling-video/o3/4k/image-to-video", {
      input,
      logs: true,
      onQueueUpdate: (update) => {
        seen.words.push(update.status);
        if (update.status === "IN_PROGRESS") {
          update.logs.map((log) => log.message).forEach((message) => seen.logs.push(message));
        }
      },
    });
    must(result.data.video.url && /^job_/.test(result.requestId), 'No video.');
    seen.videos.push(result.requestId);
  }));

  // Its long-running form.
  const { request_id } = await fal.queue.submit("fal-ai/kling-video/o3/4k/image-to-video", {
    input: inputs[0],
    webhookUrl: "https://optional.webhook.url/for/results",
  });
  const status = await fal.queue.status("fal-ai/kling-video/o3/4k/image-to-video", { requestId: request_id, logs: true });
  must(['IN_QUEUE', 'IN_PROGRESS'].includes(status.status), status.status);
  await fal.queue.subscribeToStatus("fal-ai/kling-video/o3/4k/image-to-video", { requestId: request_id, mode: 'streaming', logs: true, onQueueUpdate: update => seen.words.push(update.status) });
  const result = await fal.queue.result("fal-ai/kling-video/o3/4k/image-to-video", { requestId: request_id });
  must(result.data.video && result.requestId === request_id, 'No result.');

  // Its upload, and a file in the input.
  const file = new File([new Uint8Array(bytes)], 'still.jpg', { type: 'image/jpeg' });
  const url = await fal.storage.upload(file);
  const [one, two] = await Promise.all([
    fal.subscribe("fal-ai/kling-video/o3/4k/image-to-video", { input: { ...inputs[0], image_url: url } }),
    fal.run("fal-ai/kling-video/o3/4k/image-to-video", { input: { ...inputs[0], image_url: file } }),
  ]);
  must(one.data.video.url && two.data.video.url, 'No video of an upload.');

  const refusal = await fal.subscribe("fal-ai/kling-video/o3/4k/image-to-video", { input: { prompt: 'No image.' } }).catch(error => error);
  must(refusal instanceof ValidationError && refusal.getFieldErrors('image_url').length === 1 && refusal.requestId && /image_url/.test(refusal.message), `${refusal.stack}`);
  const large = await fal.storage.upload(new Blob([file, new Uint8Array(11e6)], { type: 'image/jpeg' })).catch(error => error);
  must(large instanceof ApiError && large.status === 413 && /10000000 bytes/.test(large.message), `${large.stack}`);
  const other = await fal.run('fal-ai/flux/dev', { input: { prompt: 'A cat' } }).catch(error => error);
  must(other instanceof ApiError && other.status === 400 && /kling/.test(other.message), `${other.stack}`);
  return seen;
}

await inChromium("fal's client is", async page => {
  const abroad = [];
  page.on('request', request => new URL(request.url()).origin === new URL(base).origin || abroad.push(request.url()));

  // The app is on the proxy's own origin, as it is behind most teams' servers.
  const script = await commonJs(name);
  await page.route('**/an-app/', route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>An app</title><script src="client.js"></script>' }));
  await page.route('**/an-app/client.js', route => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.goto(new URL('an-app/', base).href);
  await page.waitForFunction(() => window.falClient);

  const seen = await page.evaluate(examples, [...await readFile(photograph)]);
  assert.equal(new Set(seen.videos).size, 3);
  assert.deepEqual([...new Set(seen.words)].sort(), ['COMPLETED', 'IN_PROGRESS', 'IN_QUEUE']);
  assert.ok(seen.logs.includes('Sandbox: generation started'), 'The logs came while it ran.');
  assert.deepEqual(abroad, [], 'The browser called somebody else.');
});
