-- What the holder of a key may beyond its scopes (NULL: as everyone), and the secret it had before, which may still work for a while.
ALTER TABLE api_keys ADD COLUMN origins TEXT NOT NULL DEFAULT ''; -- separated by spaces
ALTER TABLE api_keys ADD COLUMN budget_per_day BIGINT;            -- millionths of a USD
ALTER TABLE api_keys ADD COLUMN budget_total BIGINT;
ALTER TABLE api_keys ADD COLUMN in_flight BIGINT;
ALTER TABLE api_keys ADD COLUMN requests_per_minute BIGINT;
ALTER TABLE api_keys ADD COLUMN rotated_at BIGINT;
ALTER TABLE api_keys ADD COLUMN former_hash TEXT;
ALTER TABLE api_keys ADD COLUMN former_until BIGINT;
CREATE INDEX api_keys_by_former_hash ON api_keys (former_hash) WHERE former_hash IS NOT NULL;
