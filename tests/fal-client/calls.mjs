// Every call of fal's own client, in Node, against a running proxy: node calls.mjs <package> <base url> <key> <another caller's key> <photograph.jpg>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it is at fal.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { checksOf, failuresOf } from './checks.mjs';

const [name, base, key, othersKey, photograph] = process.argv.slice(2);
if (!photograph) {
  console.error('Usage: node calls.mjs <package> <base url> <key> <another key> <photograph.jpg>');
  process.exit(2);
}

const client = createRequire(import.meta.url)(name);
const proxyUrl = { url: new URL('api/fal/proxy', base).href, when: 'always' }; // the plain string is for browsers
const checks = checksOf(client, {
  fal: client.createFalClient({ credentials: key, proxyUrl }),
  others: client.createFalClient({ credentials: othersKey, proxyUrl }),
  base,
  photo: new Blob([await readFile(photograph)], { type: 'image/jpeg' }),
});

const failures = await failuresOf(checks);
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
console.log(JSON.stringify({ ok: true, checks: Object.keys(checks).length }));
process.exit(0);
