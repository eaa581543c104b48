// Passes uploads on to fal's storage, with nothing but Node (and busboy for forms): asks for a place with the key, and puts the bytes there. A raw body flows
// through; a file of a form has no length of its own and storage wants one, so it is kept in memory first. It looks at no byte. With KEEP, a folder, the whole
// picture is in a file there, hashed, and known to be a PNG of some size, before anybody is asked for a place: then it goes out of the file.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { createServer, request as call, Agent } from 'node:http';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';

const { PORT, UPSTREAM, KEEP } = process.env;
if (KEEP) await mkdir(KEEP, { recursive: true });
const agent = new Agent({ keepAlive: true });

async function place() {
  const reply = await fetch(`http://${UPSTREAM}/storage/upload/initiate?storage_type=fal-cdn-v3`, {
    method: 'POST',
    headers: { authorization: 'Key bench:key', 'content-type': 'application/json' },
    body: JSON.stringify({ content_type: 'image/png', file_name: 'image.png' }),
  });
  return reply.json();
}

function put(url, length, send) {
  return new Promise((resolve, reject) => {
    const upload = call(url, { method: 'PUT', agent, headers: { 'content-type': 'image/png', 'content-length': length } }, (reply) => {
      reply.resume();
      reply.on('end', () => resolve(reply.statusCode));
    });
    upload.on('error', reject);
    send(upload);
  });
}

function inMemory(file) {
  return new Promise((resolve, reject) => {
    const parts = [];
    file.on('data', (part) => parts.push(part));
    file.on('end', () => resolve(Buffer.concat(parts)));
    file.on('error', reject);
  });
}

// 24 bytes: the signature, and the first chunk as far as width and height.
function pngSize(head) {
  if (head.length < 24 || head.readBigUInt64BE(0) !== 0x89504e470d0a1a0an || head.toString('latin1', 12, 16) !== 'IHDR') throw new Error('no PNG');
  const [width, height] = [head.readUInt32BE(16), head.readUInt32BE(20)];
  if (Math.min(width, height) < 300 || Math.max(width, height) > 2.5 * Math.min(width, height)) throw new Error('not of a size that the model takes');
  return { width, height };
}

async function keep(source) {
  const [path, hash] = [`${KEEP}/${randomUUID()}`, createHash('sha256')];
  let [head, length] = [Buffer.alloc(0), 0];
  source.on('data', (part) => {
    hash.update(part);
    length += part.length;
    if (head.length < 24) head = Buffer.concat([head, part.subarray(0, 24)]);
  });
  await pipeline(source, createWriteStream(path, { highWaterMark: 1 << 20 }));
  return { path, length, sha256: hash.digest('hex'), ...pngSize(head) };
}

async function relayKept({ path, length, ...known }) {
  const { upload_url, file_url } = await place();
  await put(upload_url, length, (upload) => createReadStream(path, { highWaterMark: 1 << 18 }).pipe(upload));
  await unlink(path);
  return { url: file_url, length, ...known };
}

async function relay(request, file) {
  const { upload_url, file_url } = await place();
  await (file ? put(upload_url, file.length, (upload) => upload.end(file)) : put(upload_url, request.headers['content-length'], (upload) => request.pipe(upload)));
  return { url: file_url };
}

function fileOf(request, receive) {
  return new Promise((resolve, reject) => {
    const form = busboy({ headers: request.headers });
    form.on('file', (_, file) => receive(file).then(resolve, reject));
    form.on('error', reject);
    request.pipe(form);
  });
}

createServer(async (request, response) => {
  if (request.method !== 'POST') return response.end('well');
  const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/form-data');
  const upload = KEEP
    ? await relayKept(await (isForm ? fileOf(request, keep) : keep(request)))
    : await relay(request, isForm ? await fileOf(request, inMemory) : undefined);
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(upload));
}).listen(Number(PORT), '127.0.0.1');
