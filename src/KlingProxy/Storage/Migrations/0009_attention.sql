-- What waits for a person and has no job: one row for each request of fal's, kept after somebody has looked at it.
CREATE TABLE attention_notes (
    request_id       TEXT   PRIMARY KEY,
    job_id           TEXT   NOT NULL,
    reason           TEXT   NOT NULL,
    model            TEXT,
    units            TEXT,             -- fal's own word on what it billed
    video_url        TEXT,
    at               BIGINT NOT NULL,
    acknowledged_at  BIGINT
);
CREATE INDEX attention_notes_open ON attention_notes (at DESC, job_id DESC) WHERE acknowledged_at IS NULL;
CREATE INDEX attention_notes_by_job ON attention_notes (job_id);
