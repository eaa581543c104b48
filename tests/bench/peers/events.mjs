// Server-sent events with nothing but Node: whoever asks is kept, a beat every ten seconds from one timer, and a webhook goes out to all. It verifies
// nothing, stores nothing and knows one job.
import { createServer } from 'node:http';

const { PORT } = process.env;
const watchers = new Set();
const event = (name, status) => `event: ${name}\nid: 1\ndata: ${JSON.stringify({ id: 'job_1', status, at: new Date().toISOString() })}\n\n`;
setInterval(() => {
  const beat = event('heartbeat', 'in_progress');
  for (const watcher of watchers) watcher.write(beat);
}, 10_000);

createServer((request, response) => {
  if (request.url.endsWith('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
    response.write(event('job', 'in_progress'));
    watchers.add(response);
    request.on('close', () => watchers.delete(response));
  } else if (request.method === 'POST') {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      JSON.parse(Buffer.concat(parts));
      const end = event('job', 'completed');
      for (const watcher of watchers) watcher.end(end);
      watchers.clear();
      response.end();
    });
  } else response.end('well');
}).listen(Number(PORT), '127.0.0.1', 65_535);
