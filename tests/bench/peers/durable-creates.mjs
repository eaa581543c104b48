// Creates that survive a power cut, on Express and better-sqlite3: who calls, whether it was asked before, whether the day's budget and the jobs in flight
// allow it, then job, hold and idempotency key in one commit before the upstream is asked, and its answer in another. What the service also does and this
// does not: check and price the input, limit rates, mark the submit as begun, follow the job.
import { createHash, randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import express from 'express';

const { PORT, UPSTREAM, DATABASE, SEED = '0' } = process.env;
const [price, perDay, maxInFlight] = [2_100_000, 1e15, 100_000];
const database = new Database(DATABASE);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE keys (hash TEXT PRIMARY KEY, id TEXT NOT NULL);
  CREATE TABLE jobs (id TEXT PRIMARY KEY, caller TEXT NOT NULL, status TEXT NOT NULL, request_id TEXT, input TEXT NOT NULL, created_at INTEGER NOT NULL);
  CREATE INDEX jobs_in_flight ON jobs (caller) WHERE status <> 'completed';
  CREATE TABLE ledger (job TEXT NOT NULL, kind TEXT NOT NULL, caller TEXT NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (job, kind));
  CREATE INDEX ledger_by_day ON ledger (day, caller, amount);
  CREATE TABLE idempotency_keys (caller TEXT NOT NULL, text TEXT NOT NULL, fingerprint TEXT NOT NULL, job TEXT NOT NULL, PRIMARY KEY (caller, text));
`);
const today = () => Math.floor(Date.now() / 86_400_000);
const find = {
  key: database.prepare('SELECT id FROM keys WHERE hash = ?').pluck(),
  earlier: database.prepare('SELECT job, fingerprint FROM idempotency_keys WHERE caller = ? AND text = ?'),
  spent: database.prepare('SELECT COALESCE(SUM(amount), 0) FROM ledger WHERE day = ? AND caller = ?').pluck(),
  inFlight: database.prepare("SELECT COUNT(*) FROM jobs WHERE caller = ? AND status <> 'completed'").pluck(),
};
const put = {
  key: database.prepare('INSERT INTO keys VALUES (?, ?)'),
  job: database.prepare('INSERT INTO jobs VALUES (?, ?, ?, NULL, ?, ?)'),
  entry: database.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?)'),
  idempotency: database.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, ?)'),
  queued: database.prepare("UPDATE jobs SET status = 'queued', request_id = ? WHERE id = ?"),
};
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

database.transaction(() => {
  for (let key = 0; key < 64; key++) put.key.run(sha256(`key-${key}`), `caller-${key}`);
  for (let job = 0; job < Number(SEED); job++) {
    put.job.run(`seed-${job}`, `caller-${job % 64}`, 'completed', '{}', Date.now());
    put.entry.run(`seed-${job}`, 'settlement', `caller-${job % 64}`, today(), price);
    put.idempotency.run(`caller-${job % 64}`, `seed-${job}`, 'none', `seed-${job}`);
  }
})();

const record = database.transaction((caller, text, fingerprint, input) => {
  const earlier = find.earlier.get(caller, text);
  if (earlier) return earlier.fingerprint === fingerprint ? { id: earlier.job, replayed: true } : { refusal: 422 };
  if (find.spent.get(today(), caller) + price > perDay) return { refusal: 402 };
  if (find.inFlight.get(caller) >= maxInFlight) return { refusal: 429 };
  const id = `job_${randomBytes(16).toString('hex')}`;
  put.job.run(id, caller, 'submitting', input, Date.now());
  put.entry.run(id, 'hold', caller, today(), price);
  put.idempotency.run(caller, text, fingerprint, id);
  return { id };
});

const app = express();
app.use(express.json());
app.get('/health', (_, response) => response.send('well'));
app.post('/v1/jobs', async (request, response) => {
  const caller = find.key.get(sha256((request.get('authorization') ?? '').replace('Bearer ', '')));
  if (!caller) return response.status(401).end();
  const input = JSON.stringify(request.body.input);
  const recorded = record.immediate(caller, request.get('idempotency-key'), sha256(input), input);
  if (recorded.refusal) return response.status(recorded.refusal).end();
  if (!recorded.replayed) {
    const answer = await fetch(`http://${UPSTREAM}/fal-ai/kling-video/o3/4k/image-to-video`, {
      method: 'POST',
      headers: { authorization: 'Key bench:key', 'content-type': 'application/json' },
      body: input,
    });
    put.queued.run((await answer.json()).request_id, recorded.id);
  }
  return response.status(202).location(`/v1/jobs/${recorded.id}`).json({ id: recorded.id, status: 'queued', input: request.body.input });
});
app.listen(Number(PORT), '127.0.0.1');
