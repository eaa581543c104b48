// The main job by openapi-fetch with the types that openapi-typescript wrote from our own document; it has to compile as strictly as TypeScript can.
// Arguments: the service's address, a key, a picture, a prompt. Prints the job's id and how it ended.
import { readFile } from 'node:fs/promises';
import createClient from 'openapi-fetch';
import type { paths } from './generated/api.js';

const [baseUrl, key, picture, prompt] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } });

const form = new FormData();
form.append('file', new Blob([new Uint8Array(await readFile(picture))], { type: 'image/jpeg' }), 'still.jpg');
const upload = await client.POST('/v1/uploads', { body: { file: '' }, bodySerializer: () => form });
if (!upload.data) throw new Error(upload.error.detail ?? upload.error.title);

const created = await client.POST('/v1/jobs', { body: { input: { image_url: upload.data.url, prompt } } });
if (!created.data) throw new Error(created.error.detail ?? created.error.title);

let job = created.data;
while (!job.ended_at) {
  const known = await client.GET('/v1/jobs/{id}', { params: { path: { id: job.id } } });
  if (!known.data) throw new Error(known.error.detail ?? known.error.title);
  job = known.data;
}
console.log(`${job.id} ${job.status}`);
