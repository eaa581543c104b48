// Every call of fal's own client, against a running proxy: node calls.mjs <package> <base url> <key> <another caller's key> <photograph.jpg>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it is at fal.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const [name, base, key, othersKey, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error('Usage: node calls.mjs <package> <base url> <key> <another key> <photograph.jpg>');
  process.exit(2);
}

const { createFalClient, ApiError, ValidationError } = createRequire(import.meta.url)(name);
const proxyUrl = { url: new URL('api/fal/proxy', base).href, when: 'always' }; // the plain string is for browsers
const fal = createFalClient({ credentials: key, proxyUrl });
const others = createFalClient({ credentials: othersKey, proxyUrl });

const model = 'fal-ai/kling-video/o3/4k/image-to-video';
const image = 'https://example.com/start.png';
const input = (prompt, more = {}) => ({ image_url: image, prompt: `${prompt} ${Math.random()}`, duration: '3', ...more });
const photo = new Blob([await readFile(photograph)], { type: 'image/jpeg' });

async function refused(call, type = ApiError) {
  const error = await call.then(() => assert.fail('It was not refused.'), error => error);
  assert.ok(error instanceof type, `Not ${type.name}: ${error.stack}`);
  assert.match(error.message, /\w+ \w+ \w+/, 'The message must be readable.');
  assert.ok(error.requestId, `No request id: ${error.message}`);
  return error;
}

function assertVideo(result, id) {
  assert.match(result.data.video.url, /^http/);
  assert.equal(result.data.video.content_type, 'video/mp4');
  assert.match(result.requestId, /^job_[0-9a-f]{32}$/);
  if (id) assert.equal(result.requestId, id);
}

function assertUpdates(updates, id) {
  assert.ok(updates.every(update => update.request_id === id));
  const queued = updates.filter(update => update.status === 'IN_QUEUE');
  assert.ok(queued.length > 0 && queued.every(update => Number.isInteger(update.queue_position) && update.queue_position >= 0));
  assert.ok(updates.filter(update => update.status !== 'IN_QUEUE').every(update => Array.isArray(update.logs)));
  const done = updates.at(-1);
  assert.equal(done.status, 'COMPLETED');
  assert.deepEqual(done.logs.map(line => line.message), ['Sandbox: generation started', 'Sandbox: 50%', 'Sandbox: done']);
  assert.ok(done.metrics.inference_time > 0);
}

const checks = {
  async subscribe_by_polling() {
    const updates = [];
    let id;
    const result = await fal.subscribe(model, { input: input('Petals fall.'), logs: true, pollInterval: 100, onEnqueue: given => { id = given; }, onQueueUpdate: update => updates.push(update) });
    assertVideo(result, id);
    assertUpdates(updates, id);
  },

  async subscribe_by_streaming() {
    const updates = [];
    let id;
    const result = await fal.subscribe(model, { input: input('Petals fall.'), mode: 'streaming', logs: true, onEnqueue: given => { id = given; }, onQueueUpdate: update => updates.push(structuredClone(update)) });
    assertVideo(result, id);
    assertUpdates(updates, id);
  },

  async queue_step_by_step() {
    const submitted = await fal.queue.submit(model, { input: input('Petals fall.'), webhookUrl: 'https://optional.webhook.url/for/results', priority: 'low', hint: 'anything' });
    const requestId = submitted.request_id;
    for (const [link, below] of [['response_url', ''], ['status_url', '/status'], ['cancel_url', '/cancel']])
      assert.equal(submitted[link], new URL(`fal/queue/fal-ai/kling-video/requests/${requestId}${below}`, base).href);
    assert.equal((await refused(fal.queue.result(model, { requestId }))).body.detail, 'Request is still in progress');
    assert.ok(['IN_QUEUE', 'IN_PROGRESS'].includes((await fal.queue.status(model, { requestId, logs: true })).status));
    const words = [];
    for await (const status of await fal.queue.streamStatus(model, { requestId, logs: true })) words.push(status.status);
    assert.equal(words.at(-1), 'COMPLETED');
    assertVideo(await fal.queue.result(model, { requestId }), requestId);
    assert.equal((await refused(fal.queue.cancel(model, { requestId }))).body.status, 'ALREADY_COMPLETED');
  },

  async run() {
    assertVideo(await fal.run(model, { input: input('Petals fall.') }));
  },

  async cancel() {
    const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:stalls') });
    await fal.queue.cancel(model, { requestId });
    const status = await fal.queue.subscribeToStatus(model, { requestId, pollInterval: 50 });
    assert.deepEqual([status.status, status.error_type], ['COMPLETED', 'client_cancelled']);
    assert.equal((await refused(fal.queue.result(model, { requestId }))).status, 499);
  },

  async upload_and_use() {
    const url = await fal.storage.upload(photo);
    assert.ok(url.startsWith(base), 'The address is ours.');
    assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), new Uint8Array(await photo.arrayBuffer()), 'A page can show what was uploaded.');
    assertVideo(await fal.subscribe(model, { input: input('Petals fall.', { image_url: url }) }));
  },

  async upload_on_the_way() {
    const file = new File([photo], 'notes.txt', { type: 'image/png' }); // neither is believed
    const inline = `data:image/jpeg;base64,${Buffer.from(await photo.arrayBuffer()).toString('base64')}`;
    assertVideo(await fal.subscribe(model, { input: input('Petals fall.', { image_url: file, end_image_url: inline }) }));
  },

  async upload_refused() {
    const [mebi, cap] = [1024 * 1024, /10000000 bytes/];
    assert.equal((await refused(fal.storage.upload(new Blob(['<html>'], { type: 'image/png' })))).status, 415);
    assert.equal((await refused(fal.storage.upload(new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })))).status, 415);
    for (const size of [11, 91]) { // in one piece, and in parts
      const large = await refused(fal.storage.upload(new Blob([photo, new Uint8Array(size * mebi)], { type: 'image/png' })));
      assert.equal(large.status, 413);
      assert.match(large.message, cap);
    }
  },

  async bad_input() {
    const error = await refused(fal.subscribe(model, { input: { prompt: 'A prompt', duration: 5 } }), ValidationError);
    assert.equal(error.status, 422);
    assert.deepEqual(error.fieldErrors.map(field => field.loc.join('.')).sort(), ['body.duration', 'body.image_url']);
    assert.match(error.message, /image_url/);
    assert.ok(error.getFieldErrors('duration')[0].msg);
    const shots = [{ prompt: 'One', duration: '3' }, { prompt: 'Two', duration: 'x' }];
    const nested = await refused(fal.queue.submit(model, { input: { image_url: image, multi_prompt: shots } }), ValidationError);
    assert.deepEqual(nested.fieldErrors[0].loc, ['body', 'multi_prompt', 1, 'duration']);
  },

  async refused_by_the_model() {
    assert.equal((await refused(fal.queue.submit(model, { input: input('sandbox:rejects') }), ValidationError)).getFieldErrors('prompt')[0].type, 'value_error');
    for (const call of ['subscribe', 'run']) {
      const error = await refused(fal[call](model, { input: input('sandbox:completes-then-422') }), ValidationError);
      assert.deepEqual(error.fieldErrors, [{ loc: ['body', 'prompt'], msg: 'The prompt was rejected.', type: 'content_policy_violation', url: 'https://docs.fal.ai/errors/#content_policy_violation' }]);
      assert.match(error.requestId, /^job_/);
    }
  },

  async start_timeout() {
    const error = await refused(fal.subscribe(model, { input: input('sandbox:stalls'), startTimeout: 30 }));
    assert.deepEqual([error.status, error.isUserTimeout], [504, true]);
  },

  async client_timeout() {
    let requestId;
    const late = fal.subscribe(model, { input: input('sandbox:stalls'), timeout: 300, pollInterval: 50, onEnqueue: id => { requestId = id; } });
    await assert.rejects(late, /timed out/);
    const status = await fal.queue.subscribeToStatus(model, { requestId, pollInterval: 50 });
    assert.equal(status.error_type, 'client_cancelled');
  },

  async abort() {
    const stop = new AbortController();
    const stopped = fal.subscribe(model, { input: input('sandbox:stalls'), pollInterval: 50, abortSignal: stop.signal, onQueueUpdate: () => stop.abort() });
    await assert.rejects(stopped, { name: 'AbortError' });
  },

  async lost_reply() {
    const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:loses-reply') });
    assert.equal((await fal.queue.status(model, { requestId })).status, 'IN_QUEUE');
  },

  async strangers() {
    const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:stalls') });
    for (const call of ['status', 'result', 'cancel'])
      for (const id of [requestId, 'job_00000000000000000000000000000000', '019fd35a-0000-7000-8000-000000000001']) {
        const error = await others.queue[call](model, { requestId: id }).then(() => assert.fail(call), error => error);
        assert.deepEqual([error.status, error.body.status], [404, 'NOT_FOUND']);
      }
    await fal.queue.cancel(model, { requestId });
  },

  async everything_else() {
    const calls = [
      () => fal.run('fal-ai/flux/dev', { input: { prompt: 'A cat' } }),
      () => fal.queue.submit('fal-ai/kling-video/o3/pro/image-to-video', { input: input('Disabled.') }),
      () => fal.queue.submit(model, { input: input('In the query.'), method: 'get' }),
      () => fal.stream(model, { input: input('No stream.') }).then(stream => stream.done()),
      () => fal.stream(model, { input: input('No token.'), connectionMode: 'client' }).then(stream => stream.done()),
    ];
    for (const call of calls) {
      const error = await refused(call());
      assert.equal(error.status, 400);
      assert.match(error.message, new RegExp(model), 'It says what is allowed.');
    }
  },
};

const failures = [];
for (const batch of [Object.keys(checks).slice(0, 8), Object.keys(checks).slice(8)])
  await Promise.all(batch.map(check => checks[check]().catch(error => failures.push(`${check}: ${error.stack}`))));
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
console.log(JSON.stringify({ ok: true, checks: Object.keys(checks).length }));
process.exit(0);
