CREATE TABLE tickets (
    id          TEXT   PRIMARY KEY,
    key_id      TEXT   NOT NULL,
    hash        TEXT   NOT NULL UNIQUE,
    max_cost    BIGINT NOT NULL, -- millionths of a USD
    origin      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    job_id      TEXT             -- the one job that it paid for
);
CREATE INDEX tickets_by_job ON tickets (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX tickets_by_end ON tickets (expires_at);
