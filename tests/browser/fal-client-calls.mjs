// Every call of fal's own client from a page of another origin, in a browser:
// node fal-client-calls.mjs <package> <base url> <key> <another caller's key> <the page> <photograph.jpg>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it is at fal.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { inChromium } from './chromium.mjs';
import { commonJs } from './common-js.mjs';

const [name, base, key, othersKey, page, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error('Usage: node fal-client-calls.mjs <package> <base url> <key> <another key> <the page> <photograph.jpg>');
  process.exit(2);
}

/** Runs in the page. The credential goes the way that docs/from-fals-proxy.md shows. */
async function all([base, key, othersKey, bytes]) {
  const { checksOf, failuresOf } = window.checks;
  const as = secret => window.falClient.createFalClient({
    proxyUrl: new URL('api/fal/proxy', base).href,
    requestMiddleware: async request => ({ ...request, headers: { ...request.headers, Authorization: `Bearer ${secret}` } }),
  });
  const photo = new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });
  const checks = checksOf(window.falClient, { fal: as(key), others: as(othersKey), base, photo });
  return { failures: await failuresOf(checks), checks: Object.keys(checks).length };
}

await inChromium("fal's client on another origin is", async tab => {
  // No request is routed by the test: the browser itself shall ask before it calls another origin.
  await tab.goto(page);
  await tab.addScriptTag({ content: await commonJs(name) });
  const checks = await readFile(new URL('../fal-client/checks.mjs', import.meta.url), 'utf8');
  await tab.addScriptTag({ type: 'module', content: `${checks}\nwindow.checks = { checksOf, failuresOf };` });
  await tab.waitForFunction(() => window.falClient && window.checks);

  const { failures, checks: done } = await tab.evaluate(all, [base, key, othersKey, [...await readFile(photograph)]]);
  assert.deepEqual(failures, []);
  return { checks: done };
});
