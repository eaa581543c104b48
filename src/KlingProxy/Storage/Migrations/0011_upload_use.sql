-- How long the same bytes of the same caller are the same upload; NULL: they are not, since nobody knows how long fal keeps them.
ALTER TABLE uploads ADD COLUMN reusable_until BIGINT;
CREATE INDEX uploads_by_content ON uploads (caller_id, sha256) WHERE reusable_until IS NOT NULL;

-- What each caller has stored at fal on each UTC day (in days since 0001-01-01), deleted or not.
CREATE TABLE upload_use (
    caller_id  TEXT   NOT NULL,
    day        BIGINT NOT NULL,
    uploads    BIGINT NOT NULL,
    bytes      BIGINT NOT NULL,
    PRIMARY KEY (caller_id, day)
);
CREATE INDEX upload_use_by_day ON upload_use (day);
