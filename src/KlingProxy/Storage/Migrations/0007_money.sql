-- Who pays for a job (its caller, or whoever minted the caller's ticket); whether it waits for a person; fal's id of it.
ALTER TABLE jobs ADD COLUMN payer_id TEXT NOT NULL DEFAULT '';
UPDATE jobs SET payer_id = caller_id;
ALTER TABLE jobs ADD COLUMN attention BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET attention = 1 WHERE document LIKE '%"needs_attention":true%';
ALTER TABLE jobs ADD COLUMN request_id TEXT;
CREATE INDEX jobs_by_payer ON jobs (payer_id, created_at DESC, id DESC);
CREATE INDEX jobs_in_attention ON jobs (created_at DESC, id DESC) WHERE attention = 1;
CREATE INDEX jobs_by_request ON jobs (request_id) WHERE request_id IS NOT NULL;

-- The UTC day of the job's creation, in days since 0001-01-01: all its entries count against that day's budgets. caller_id is the payer.
ALTER TABLE ledger ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN request_id TEXT; -- fal's, once known: to compare with its bill, and to remember it when the job is deleted
CREATE INDEX ledger_by_request ON ledger (request_id) WHERE request_id IS NOT NULL;
UPDATE ledger SET day = (SELECT held.at / 864000000000 FROM ledger held WHERE held.job_id = ledger.job_id AND held.kind = 'Hold');
DROP INDEX ledger_by_caller;
CREATE INDEX ledger_by_caller ON ledger (caller_id, kind, amount);
CREATE INDEX ledger_by_day ON ledger (day, caller_id, kind, amount);
CREATE INDEX ledger_by_time ON ledger (at DESC, job_id DESC, kind DESC);

-- One row while nothing new may be spent.
CREATE TABLE spending_freeze (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    since   BIGINT NOT NULL,
    by_id   TEXT   NOT NULL,
    reason  TEXT   NOT NULL
);
