// The examples of the model's page, as that page writes them, in Node: node page.mjs <package> <base url> <key>
// All that is added is the one line that moves an app to this proxy. Prints what the examples print, and then one line of JSON.

import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [name, base, key] = process.argv.slice(2);
if (!key) {
  console.error('Usage: node page.mjs <package> <base url> <key>');
  process.exit(2);
}

const address = pathToFileURL(createRequire(import.meta.url).resolve(name)).href;
const { fal } = await import(address);
fal.config({ credentials: key, proxyUrl: { url: new URL('api/fal/proxy', base).href, when: 'always' } });

const folder = new URL('page/', import.meta.url);
const printed = [];
console.log = (...values) => printed.push(values[0]);
for (const example of await readdir(folder)) {
  const text = (await readFile(new URL(example, folder), 'utf8')).replace('"@fal-ai/client"', JSON.stringify(address)); // which of the two packages
  await import(`data:text/javascript,${encodeURIComponent(text)}`);
}

const videos = printed.filter(value => value?.video?.url && value.video.content_type === 'video/mp4').length;
const ids = new Set(printed.filter(value => /^job_[0-9a-f]{32}$/.test(value))).size;
if (videos !== 3 || ids !== 3 || !printed.includes('Sandbox: generation started')) {
  console.error(`The examples printed ${JSON.stringify(printed)}`);
  process.exit(1);
}
process.stdout.write(JSON.stringify({ ok: true, videos }));
process.exit(0);
