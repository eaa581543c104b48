// Passes uploads on to fal's storage, with nothing but Node (and busboy for forms): asks for a place with the key, and puts the bytes there. A raw body flows
// through; a file of a form has no length of its own and storage wants one, so it is kept in memory first. It looks at no byte.
import { createServer, request as call, Agent } from 'node:http';
import busboy from 'busboy';

const { PORT, UPSTREAM } = process.env;
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

function fileOf(request) {
  return new Promise((resolve, reject) => {
    const form = busboy({ headers: request.headers });
    form.on('file', (_, file) => {
      const parts = [];
      file.on('data', (part) => parts.push(part));
      file.on('end', () => resolve(Buffer.concat(parts)));
    });
    form.on('error', reject);
    request.pipe(form);
  });
}

createServer(async (request, response) => {
  if (request.method !== 'POST') return response.end('well');
  const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/form-data');
  const file = isForm ? await fileOf(request) : undefined;
  const { upload_url, file_url } = await place();
  await (file ? put(upload_url, file.length, (upload) => upload.end(file)) : put(upload_url, request.headers['content-length'], (upload) => request.pipe(upload)));
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ url: file_url }));
}).listen(Number(PORT), '127.0.0.1');
