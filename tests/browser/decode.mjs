// What Chromium makes of pictures. usage: decode.mjs LIST RESULT : LIST is a JSON array of paths; RESULT gets for each {width, height, complete} as it is
// shown, or {} where it is not shown. `complete`: no pixel of the first frame is missing.

import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { inChromium } from './chromium.mjs';

const [list, result] = process.argv.slice(2);
const pictures = JSON.parse(await readFile(list, 'utf8'));

const server = createServer(async (request, response) => {
  const at = Number(request.url.slice(1));
  response.setHeader('Content-Type', request.url === '/' ? 'text/html' : 'application/octet-stream');
  response.end(request.url === '/' ? '<!doctype html><title>Pictures</title>' : await readFile(pictures[at]).catch(() => ''));
}).listen(0, '127.0.0.1');
await new Promise(listening => server.once('listening', listening));
const base = `http://127.0.0.1:${server.address().port}/`;

await inChromium('Pictures', async page => {
  const seen = [];
  for (let from = 0; from < pictures.length; from += 50) {
    await page.goto(base); // what was decoded is let go
    seen.push(...await page.evaluate(show, [from, Math.min(from + 50, pictures.length)]));
  }
  await writeFile(result, JSON.stringify(seen));
  return { pictures: seen.length, shown: seen.filter(picture => picture.width).length };
});
server.close();

async function show([from, to]) {
  const answers = [];
  for (let at = from; at < to; at++) {
    const image = new Image();
    image.src = `/${at}`;
    const shown = await image.decode().then(() => true, () => false);
    answers.push(shown ? { width: image.naturalWidth, height: image.naturalHeight, complete: await isComplete(at) } : {});
  }
  return answers;

  async function isComplete(at) {
    const bytes = new Uint8Array(await (await fetch(`/${at}`)).arrayBuffer());
    const type = bytes[0] === 0xFF ? 'jpeg' : bytes[0] === 0x89 ? 'png' : bytes[0] === 0x47 ? 'gif' : bytes[0] === 0x52 ? 'webp' : 'avif';
    const decoder = new ImageDecoder({ data: bytes, type: `image/${type}` });
    try {
      const { image, complete } = await decoder.decode({ frameIndex: 0, completeFramesOnly: true });
      image.close();
      return complete;
    } catch {
      return false;
    } finally {
      decoder.close();
    }
  }
}
