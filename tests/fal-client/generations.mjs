// Every generation of fal's client, in Node: node generations.mjs <base url> <key> <photograph.jpg> <package…>
// Each uploads a photograph as it knows how, makes a video of it and follows it to its end; what differs between them is the client's own affair.
// Prints one line of JSON; exits with 1 and a readable reason when one of them does not get its video.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const [base, key, photograph, ...packages] = process.argv.slice(2);
if (packages.length === 0) {
  console.error('Usage: node generations.mjs <base url> <key> <photograph.jpg> <package…>');
  process.exit(2);
}

globalThis.window = { document: {} }; // the older ones use a proxy in a browser only
globalThis.document = {};
console.warn = () => {}; // that there is a credential in a page, which this is not

const require = createRequire(import.meta.url);
const model = 'fal-ai/kling-video/o3/4k/image-to-video';
const photo = new Blob([await readFile(photograph)], { type: 'image/jpeg' });

async function film(name) {
  const { version } = JSON.parse(await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'));
  const client = require(name);
  const fal = client.fal ?? client;
  fal.config({ credentials: key, proxyUrl: new URL('api/fal/proxy', base).href });
  const uploaded = await fal.storage.upload(photo);
  if (!uploaded.startsWith(base)) throw new Error(`The image went to ${uploaded}`);
  const updates = [];
  const input = { image_url: uploaded, end_image_url: photo, prompt: `Petals fall. ${name} ${Math.random()}`, duration: '3' };
  const result = await fal.subscribe(model, { input, logs: true, pollInterval: 100, onQueueUpdate: update => updates.push(update.status) });
  const video = (result.data ?? result).video;
  if (!/^http/.test(video?.url) || updates.at(-1) !== 'COMPLETED') throw new Error(`${JSON.stringify(result)} after ${updates}`);
  return version;
}

const outcomes = await Promise.allSettled(packages.map(film));
const failures = outcomes.flatMap((outcome, at) => (outcome.status === 'rejected' ? [`${packages[at]}: ${outcome.reason.stack} ${JSON.stringify(outcome.reason.body ?? '')}`] : []));
if (failures.length > 0) {
  console.error(failures.join('\n'));
  process.exit(1);
}
process.stdout.write(JSON.stringify({ ok: true, versions: outcomes.map(outcome => outcome.value) }));
process.exit(0);
