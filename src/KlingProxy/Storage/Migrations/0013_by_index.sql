-- Every question has one index that leads with what it knows and goes on in the order it wants, and no second one that an engine could take for it.

-- A payer's jobs, all and by status; those of a ticket, which pays for none.
CREATE INDEX jobs_by_status ON jobs ((payer_id || ' ' || status), created_at DESC, id DESC);
CREATE INDEX jobs_of_tickets ON jobs (caller_id, created_at DESC, id DESC) WHERE caller_id <> payer_id;
CREATE INDEX jobs_of_tickets_by_status ON jobs ((caller_id || ' ' || status), created_at DESC, id DESC) WHERE caller_id <> payer_id;
DROP INDEX jobs_by_caller;

-- Pages of the ledger, of everybody and of one payer. Sums are kept, not made.
CREATE INDEX ledger_by_place ON ledger (day, at, job_id, kind);
CREATE INDEX ledger_of_payer ON ledger (caller_id, day, at, job_id, kind);
DROP INDEX ledger_by_time;
DROP INDEX IF EXISTS ledger_by_day;
DROP INDEX IF EXISTS ledger_by_caller;

-- What was spent, by the UTC day of the entry (in days since 0001-01-01) and model; filled and kept by 0014.
CREATE TABLE settled (
    day        BIGINT NOT NULL,
    model      TEXT   NOT NULL,
    amount     BIGINT NOT NULL, -- millionths of a USD
    estimated  BIGINT NOT NULL
);
CREATE UNIQUE INDEX settled_by_day ON settled (day DESC, model);

-- A caller's uploads by address and by content.
CREATE INDEX uploads_by_address ON uploads (url, caller_id);
DROP INDEX uploads_by_url;
DROP INDEX uploads_by_content;
CREATE INDEX uploads_by_content ON uploads (caller_id, sha256, reusable_until, id) WHERE reusable_until IS NOT NULL;

-- The day leads: old days are forgotten.
CREATE TABLE upload_use_anew (
    day        BIGINT NOT NULL,
    caller_id  TEXT   NOT NULL,
    uploads    BIGINT NOT NULL,
    bytes      BIGINT NOT NULL,
    PRIMARY KEY (day, caller_id)
);
INSERT INTO upload_use_anew (day, caller_id, uploads, bytes) SELECT day, caller_id, uploads, bytes FROM upload_use;
DROP TABLE upload_use;
ALTER TABLE upload_use_anew RENAME TO upload_use;

-- until_end is 2 from the end on: 1 are only those that wait for a job that runs, which are few.
UPDATE unanswered SET until_end = 2
    WHERE until_end = 1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = unanswered.job_id AND jobs.look_at IS NOT NULL);
DROP INDEX unanswered_by_body;
DROP INDEX unanswered_until;
CREATE INDEX unanswered_by_body ON unanswered (caller_id, fingerprint, until, job_id) WHERE until_end <> 1;
CREATE INDEX unanswered_by_end ON unanswered (caller_id, fingerprint, until, job_id) WHERE until_end = 1;
CREATE INDEX unanswered_until ON unanswered ((until + 0)) WHERE until_end <> 1; -- for the sweep alone: "until" by itself does not ask for it

-- What waits for a person. Without statistics an engine takes less-than for many rows and "is null" for few, of which it would read and sort all.
DROP INDEX attention_notes_open;
CREATE INDEX attention_notes_open ON attention_notes (at DESC, job_id DESC) WHERE COALESCE(acknowledged_at, 0) < 1;

CREATE INDEX api_keys_by_age ON api_keys (created_at, id);
