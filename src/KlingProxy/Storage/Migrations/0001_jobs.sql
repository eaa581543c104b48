-- A job lives in its document; the columns beside it are what it is looked up by.
CREATE TABLE jobs (
    id          TEXT    PRIMARY KEY,
    caller_id   TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL, -- all times: UTC ticks of 100 ns since 0001-01-01
    look_at     BIGINT,           -- when the reconciler is due; NULL once ended
    version     BIGINT  NOT NULL,
    document    TEXT    NOT NULL
);
CREATE INDEX jobs_by_caller ON jobs (caller_id, created_at DESC, id DESC);
CREATE INDEX jobs_due ON jobs (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE job_events (
    job_id          TEXT   NOT NULL,
    sequence        BIGINT NOT NULL,
    status          TEXT   NOT NULL,
    queue_position  BIGINT,
    at              BIGINT NOT NULL,
    PRIMARY KEY (job_id, sequence)
);

CREATE TABLE idempotency_keys (
    caller_id    TEXT NOT NULL,
    text         TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    job_id       TEXT NOT NULL,
    PRIMARY KEY (caller_id, text)
);
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);

-- Append-only. Amounts are millionths of a USD, so that sums are exact.
CREATE TABLE ledger (
    job_id     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    caller_id  TEXT    NOT NULL,
    amount     BIGINT  NOT NULL,
    estimated  BIGINT  NOT NULL,
    at         BIGINT  NOT NULL,
    PRIMARY KEY (job_id, kind)
);
CREATE INDEX ledger_by_caller ON ledger (caller_id, at);

CREATE TABLE uploads (
    id            TEXT   PRIMARY KEY,
    caller_id     TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    content_type  TEXT   NOT NULL,
    width         BIGINT NOT NULL,
    height        BIGINT NOT NULL,
    bytes         BIGINT NOT NULL,
    sha256        TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX uploads_by_url ON uploads (caller_id, url);

CREATE TABLE api_keys (
    id          TEXT   PRIMARY KEY,
    name        TEXT   NOT NULL,
    scopes      TEXT   NOT NULL, -- separated by spaces
    hash        TEXT   NOT NULL UNIQUE,
    hint        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT
);

CREATE TABLE secrets (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
);
