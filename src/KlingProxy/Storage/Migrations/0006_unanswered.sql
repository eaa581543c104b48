-- Jobs whose caller has not had the answer that names them, so that a repeated request finds them. Without an idempotency key only.
CREATE TABLE unanswered (
    job_id       TEXT   PRIMARY KEY,
    caller_id    TEXT   NOT NULL,
    fingerprint  TEXT   NOT NULL,
    until        BIGINT NOT NULL
);
CREATE INDEX unanswered_by_body ON unanswered (caller_id, fingerprint);
CREATE INDEX unanswered_until ON unanswered (until);
