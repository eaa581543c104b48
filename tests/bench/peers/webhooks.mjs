// Receives what fal delivers, with nothing but Node: verifies the signature over the documented text, fetches the result with the key, and with DATABASE
// commits it (better-sqlite3, synchronous=FULL) before it answers.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import Database from 'better-sqlite3';

const { PORT, UPSTREAM, DATABASE } = process.env;
let store;
if (DATABASE) {
  const database = new Database(DATABASE);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE results (request_id TEXT PRIMARY KEY, result TEXT NOT NULL, at INTEGER NOT NULL)');
  const insert = database.prepare('INSERT INTO results VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  store = (id, result) => insert.run(id, result, Date.now());
}

let keys;
const signingKeys = () => keys ??= fetch(`http://${UPSTREAM}/.well-known/jwks.json`)
  .then((reply) => reply.json())
  .then((set) => set.keys.map((key) => createPublicKey({ key, format: 'jwk' })));

async function receive(headers, body) {
  const [id, user, timestamp] = ['request-id', 'user-id', 'timestamp'].map((name) => headers[`x-fal-webhook-${name}`]);
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return 401;
  const signed = Buffer.from(`${id}\n${user}\n${timestamp}\n${createHash('sha256').update(body).digest('hex')}`);
  const signature = Buffer.from(headers['x-fal-webhook-signature'], 'hex');
  if (!(await signingKeys()).some((key) => verify(null, signed, key, signature))) return 401;
  if (JSON.parse(body).request_id !== id) return 401;
  const result = await fetch(`http://${UPSTREAM}/fal-ai/kling-video/requests/${id}`, { headers: { authorization: 'Key bench:key' } });
  if (!result.ok) return 503;
  const video = JSON.stringify(await result.json());
  store?.(id, video);
  return 200;
}

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    response.statusCode = request.method === 'POST' ? await receive(request.headers, Buffer.concat(parts)) : 200;
    response.end();
  });
}).listen(Number(PORT), '127.0.0.1');
