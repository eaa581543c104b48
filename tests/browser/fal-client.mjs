// The examples of the model's page, as that page writes them, in a browser: node fal-client.mjs <package> <base url>
// All that is added is the one line that moves an app to this proxy. Prints one line of JSON; exits with 1 and a readable reason.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';

import { inChromium } from './chromium.mjs';
import { commonJs } from './common-js.mjs';

const [name, base] = process.argv.slice(2);
if (!base) {
  console.error('Usage: node fal-client.mjs <package> <base url>');
  process.exit(2);
}

const page = `<!doctype html><title>An app</title>
<script type="importmap">{ "imports": { "@fal-ai/client": "./client.mjs" } }</script>
<script src="client.js"></script>
<script type="module">
  import { fal } from "@fal-ai/client";
  fal.config({ proxyUrl: "/api/fal/proxy" });
</script>`;

await inChromium("fal's client is", async tab => {
  const [abroad, printed] = [[], []];
  tab.on('request', request => new URL(request.url()).origin === new URL(base).origin || abroad.push(request.url()));
  tab.on('console', message => printed.push(message.args()[0]?.jsonValue()));

  // The app is on the proxy's own origin, as it is behind most teams' servers.
  const examples = new URL('../fal-client/page/', import.meta.url);
  const files = { '': page, 'client.js': await commonJs(name), 'client.mjs': 'export const fal = window.falClient.fal;' };
  for (const example of await readdir(examples)) files[example] = await readFile(new URL(example, examples), 'utf8');
  await tab.route('**/an-app/**', route => {
    const file = new URL(route.request().url()).pathname.slice('/an-app/'.length);
    return route.fulfill({ contentType: file === '' ? 'text/html' : 'text/javascript', body: files[file] });
  });
  await tab.goto(new URL('an-app/', base).href);
  await tab.waitForFunction(() => window.falClient);
  await tab.evaluate(names => Promise.all(names.map(name => import(`./${name}`))), await readdir(examples));

  const values = await Promise.all(printed);
  const videos = values.filter(value => value?.video?.url && value.video.content_type === 'video/mp4').length;
  const ids = new Set(values.filter(value => /^job_[0-9a-f]{32}$/.test(value))).size;
  assert.deepEqual([videos, ids], [3, 3], `The examples printed ${JSON.stringify(values)}`);
  assert.ok(values.includes('Sandbox: generation started'), 'The logs came while it ran.');
  assert.deepEqual(abroad, [], 'The browser called somebody else.');
});
