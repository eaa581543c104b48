// Every call of fal's own client, wherever it runs: in Node, or in a page of another origin. Needs nothing but the client itself.

function fail(words) {
  throw new Error(words);
}

const must = (right, words) => right || fail(words);
const same = (is, shouldBe, words = '') => must(JSON.stringify(is) === JSON.stringify(shouldBe), `${words} ${JSON.stringify(is)} should be ${JSON.stringify(shouldBe)}`);
const matches = (text, pattern, words = '') => must(pattern.test(text), `${words} "${text}" should match ${pattern}`);

/**
 * @param client What the package exports.
 * @param fal One caller's client; `others` is another's.
 * @param base The proxy's address.
 * @param photo A photograph, as a Blob.
 * @returns Each check by its name.
 */
export function checksOf({ ApiError, ValidationError }, { fal, others, base, photo }) {
  const model = 'fal-ai/kling-video/o3/4k/image-to-video';
  const image = 'https://example.com/start.png';
  const input = (prompt, more = {}) => ({ image_url: image, prompt: `${prompt} ${Math.random()}`, duration: '3', ...more });

  async function refusedAnyhow(call) {
    return call.then(() => fail('It was not refused.'), error => error);
  }

  /** As a page does, where there is one: an image may come from anywhere, and a script may read only what allows it. */
  async function shows(url) {
    if (typeof Image === 'undefined') return base64(await (await fetch(url)).arrayBuffer()) === base64(await photo.arrayBuffer());
    const image = Object.assign(new Image(), { src: url });
    await image.decode();
    return image.naturalWidth > 0;
  }

  function base64(bytes) {
    let text = '';
    for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
    return btoa(text);
  }

  async function refused(call, type = ApiError) {
    const error = await refusedAnyhow(call);
    must(error instanceof type, `Not ${type.name}: ${error.stack}`);
    matches(error.message, /\w+ \w+ \w+/, 'The message must be readable.');
    must(error.requestId, `No request id: ${error.message}`);
    return error;
  }

  function assertVideo(result, id) {
    matches(result.data.video.url, /^http/);
    same(result.data.video.content_type, 'video/mp4');
    matches(result.requestId, /^job_[0-9a-f]{32}$/);
    if (id) same(result.requestId, id);
  }

  function assertUpdates(updates, id) {
    must(updates.every(update => update.request_id === id));
    const queued = updates.filter(update => update.status === 'IN_QUEUE');
    must(queued.length > 0 && queued.every(update => Number.isInteger(update.queue_position) && update.queue_position >= 0));
    must(updates.filter(update => update.status !== 'IN_QUEUE').every(update => Array.isArray(update.logs)));
    const done = updates.at(-1);
    same(done.status, 'COMPLETED');
    same(done.logs.map(line => line.message), ['Sandbox: generation started', 'Sandbox: 50%', 'Sandbox: done']);
    must(done.metrics.inference_time > 0);
  }

  return {
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
        same(submitted[link].split('?')[0], new URL(`fal/queue/fal-ai/kling-video/requests/${requestId}${below}`, base).href);
      same((await (await fetch(submitted.status_url)).json()).request_id, requestId, 'It is signed, so whoever has it needs no credential.');
      same((await refused(fal.queue.result(model, { requestId }))).body.detail, 'Request is still in progress');
      must(['IN_QUEUE', 'IN_PROGRESS'].includes((await fal.queue.status(model, { requestId, logs: true })).status));
      const words = [];
      for await (const status of await fal.queue.streamStatus(model, { requestId, logs: true })) words.push(status.status);
      same(words.at(-1), 'COMPLETED');
      assertVideo(await fal.queue.result(model, { requestId }), requestId);
      same((await refused(fal.queue.cancel(model, { requestId }))).body.status, 'ALREADY_COMPLETED');
    },

    async run() {
      assertVideo(await fal.run(model, { input: input('Petals fall.') }));
    },

    async cancel() {
      const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:stalls') });
      await fal.queue.cancel(model, { requestId });
      const status = await fal.queue.subscribeToStatus(model, { requestId, pollInterval: 50 });
      same([status.status, status.error_type], ['COMPLETED', 'client_cancelled']);
      same((await refused(fal.queue.result(model, { requestId }))).status, 499);
    },

    async upload_and_use() {
      const url = await fal.storage.upload(photo);
      must(url.startsWith(base), 'The address is ours.');
      must(await shows(url), 'A page can show what was uploaded.');
      assertVideo(await fal.subscribe(model, { input: input('Petals fall.', { image_url: url }) }));
    },

    async upload_on_the_way() {
      const file = new File([photo], 'notes.txt', { type: 'image/png' }); // neither is believed
      const inline = `data:image/jpeg;base64,${base64(await photo.arrayBuffer())}`;
      assertVideo(await fal.subscribe(model, { input: input('Petals fall.', { image_url: file, end_image_url: inline }) }));
    },

    async upload_refused() {
      const [mebi, cap] = [1024 * 1024, /10485760 bytes/];
      same((await refused(fal.storage.upload(new Blob(['<html>'], { type: 'image/png' })))).status, 415);
      same((await refused(fal.storage.upload(new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })))).status, 415);
      for (const size of [11, 91]) { // in one piece, and in parts
        const large = await refused(fal.storage.upload(new Blob([photo, new Uint8Array(size * mebi)], { type: 'image/png' })));
        same(large.status, 413);
        matches(large.message, cap);
      }
    },

    async bad_input() {
      const error = await refused(fal.subscribe(model, { input: { prompt: 'A prompt', duration: 5 } }), ValidationError);
      same(error.status, 422);
      same(error.fieldErrors.map(field => field.loc.join('.')).sort(), ['body.duration', 'body.image_url']);
      matches(error.message, /image_url/);
      must(error.getFieldErrors('duration')[0].msg);
      const shots = [{ prompt: 'One', duration: '3' }, { prompt: 'Two', duration: 'x' }];
      const nested = await refused(fal.queue.submit(model, { input: { image_url: image, multi_prompt: shots } }), ValidationError);
      same(nested.fieldErrors[0].loc, ['body', 'multi_prompt', 1, 'duration']);
    },

    async refused_by_the_model() {
      same((await refused(fal.queue.submit(model, { input: input('sandbox:rejects') }), ValidationError)).getFieldErrors('prompt')[0].type, 'value_error');
      for (const call of ['subscribe', 'run']) {
        const error = await refused(fal[call](model, { input: input('sandbox:completes-then-422') }), ValidationError);
        same(error.fieldErrors, [{ loc: ['body', 'prompt'], msg: 'The prompt was rejected.', type: 'content_policy_violation', url: 'https://docs.fal.ai/errors/#content_policy_violation', categories: ['model_moderated'] }]);
        matches(error.requestId, /^job_/);
      }
    },

    async start_timeout() {
      const error = await refused(fal.subscribe(model, { input: input('sandbox:stalls'), startTimeout: 30 }));
      same([error.status, error.isUserTimeout], [504, true]);
    },

    async client_timeout() {
      let requestId;
      const late = fal.subscribe(model, { input: input('sandbox:stalls'), timeout: 300, pollInterval: 50, onEnqueue: id => { requestId = id; } });
      matches((await refusedAnyhow(late)).message, /timed out/);
      const status = await fal.queue.subscribeToStatus(model, { requestId, pollInterval: 50 });
      same(status.error_type, 'client_cancelled');
    },

    async abort() {
      const stop = new AbortController();
      const stopped = fal.subscribe(model, { input: input('sandbox:stalls'), pollInterval: 50, abortSignal: stop.signal, onQueueUpdate: () => stop.abort() });
      same((await refusedAnyhow(stopped)).name, 'AbortError');
    },

    async lost_reply() {
      const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:loses-reply') });
      same((await fal.queue.status(model, { requestId })).status, 'IN_QUEUE');
    },

    async strangers() {
      const { request_id: requestId } = await fal.queue.submit(model, { input: input('sandbox:stalls') });
      for (const call of ['status', 'result', 'cancel'])
        for (const id of [requestId, 'job_00000000000000000000000000000000', '019fd35a-0000-7000-8000-000000000001']) {
          const error = await others.queue[call](model, { requestId: id }).then(() => fail(call), error => error);
          same([error.status, error.body.status], [404, 'NOT_FOUND']);
        }
      await fal.queue.cancel(model, { requestId });
    },

    async everything_else() {
      const calls = [
        () => fal.run('fal-ai/flux/dev', { input: { prompt: 'A cat' } }),
        () => fal.queue.submit('fal-ai/kling-video/o3/pro/image-to-video', { input: input('Disabled.') }),
        () => fal.stream(model, { input: input('No stream.') }).then(stream => stream.done()),
        () => fal.stream(model, { input: input('No token.'), connectionMode: 'client' }).then(stream => stream.done()),
      ];
      for (const call of calls) {
        const error = await refused(call());
        same(error.status, 400);
        matches(error.message, new RegExp(model), 'It says what is allowed.');
      }
      const inQuery = await refused(fal.queue.submit(model, { input: input('In the query.'), method: 'get' }));
      same(inQuery.status, 400);
      matches(inQuery.message, /no query parameter 'image_url' here.* goes into the body/, 'It says what is wrong.');
    },
  };
}

/** @returns What failed, in words; empty when nothing did. */
export async function failuresOf(checks) {
  const failures = [];
  const names = Object.keys(checks);
  for (const batch of [names.slice(0, 8), names.slice(8)])
    await Promise.all(batch.map(name => checks[name]().catch(error => failures.push(`${name}: ${error.stack}`))));
  return failures;
}
