-- What is spoken for, spent and in flight, per UTC day and purse: rows instead of sums over a ledger that grows. Whoever writes the ledger or a job
-- changes them in the same transaction, since the database itself does. day: in days since 0001-01-01, 0 for all days together. purse: a payer's id,
-- '*' for everybody's, '*anonymous' for that of all callers without a credential. in_flight is counted where day is 0.
CREATE TABLE spending_totals (
    day        BIGINT NOT NULL,
    purse      TEXT   NOT NULL,
    jobs       BIGINT NOT NULL DEFAULT 0,
    held       BIGINT NOT NULL DEFAULT 0, -- millionths of a USD, as everywhere
    spent      BIGINT NOT NULL DEFAULT 0,
    estimated  BIGINT NOT NULL DEFAULT 0, -- of what was spent
    in_flight  BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50); -- the same few rows change with every job, and shall find room where they are
CREATE UNIQUE INDEX spending_totals_by_day ON spending_totals (day DESC, purse);

-- An entry as it counts.
CREATE VIEW ledger_counts AS SELECT
    day, caller_id, job_id,
    CASE kind WHEN 'Hold' THEN 1 ELSE 0 END AS jobs,
    CASE kind WHEN 'Hold' THEN amount WHEN 'Release' THEN -amount ELSE 0 END AS held,
    CASE WHEN kind IN ('Settlement', 'Correction') THEN amount ELSE 0 END AS spent,
    CASE WHEN kind IN ('Settlement', 'Correction') AND estimated = 1 THEN amount ELSE 0 END AS estimated
FROM ledger;

INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
    SELECT day, caller_id, SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM ledger_counts GROUP BY day, caller_id;
INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
    SELECT day, '*anonymous', SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM spending_totals WHERE purse LIKE 'anonymous:%' GROUP BY day;
INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
    SELECT day, '*', SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM spending_totals WHERE purse NOT LIKE '*%' GROUP BY day;
INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
    SELECT 0, purse, SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM spending_totals WHERE purse NOT LIKE '*%' GROUP BY purse;
INSERT INTO spending_totals (day, purse, in_flight)
    SELECT 0, payer_id, COUNT(*) FROM jobs WHERE look_at IS NOT NULL AND attention = 0 GROUP BY payer_id
    ON CONFLICT (day, purse) DO UPDATE SET in_flight = excluded.in_flight;
INSERT INTO spending_totals (day, purse, in_flight)
    SELECT 0, '*', COUNT(*) FROM jobs WHERE look_at IS NOT NULL AND attention = 0;

-- Always in the same order, so that no two writers wait for each other.
CREATE FUNCTION add_to_totals(of_day BIGINT, of_purse TEXT, more_jobs BIGINT, more_held BIGINT, more_spent BIGINT, more_estimated BIGINT,
    more_in_flight BIGINT) RETURNS void LANGUAGE sql AS $$
    INSERT INTO spending_totals AS t (day, purse, jobs, held, spent, estimated, in_flight)
        VALUES (of_day, of_purse, more_jobs, more_held, more_spent, more_estimated, more_in_flight)
        ON CONFLICT (day, purse) DO UPDATE SET jobs = t.jobs + more_jobs, held = t.held + more_held, spent = t.spent + more_spent,
            estimated = t.estimated + more_estimated, in_flight = t.in_flight + more_in_flight
$$;

CREATE FUNCTION add_to_day(of_day BIGINT, of_payer TEXT, more_jobs BIGINT, more_held BIGINT, more_spent BIGINT, more_estimated BIGINT)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_totals(of_day, of_payer, more_jobs, more_held, more_spent, more_estimated, 0);
    IF of_payer LIKE 'anonymous:%' THEN
        PERFORM add_to_totals(of_day, '*anonymous', more_jobs, more_held, more_spent, more_estimated, 0);
    END IF;
    PERFORM add_to_totals(of_day, '*', more_jobs, more_held, more_spent, more_estimated, 0);
END
$$;

CREATE FUNCTION total_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    jobs BIGINT := CASE NEW.kind WHEN 'Hold' THEN 1 ELSE 0 END;
    held BIGINT := CASE NEW.kind WHEN 'Hold' THEN NEW.amount WHEN 'Release' THEN -NEW.amount ELSE 0 END;
    spent BIGINT := CASE WHEN NEW.kind IN ('Settlement', 'Correction') THEN NEW.amount ELSE 0 END;
    estimated BIGINT := CASE WHEN NEW.estimated = 1 THEN spent ELSE 0 END;
BEGIN
    PERFORM add_to_totals(0, NEW.caller_id, jobs, held, spent, estimated, 0);
    PERFORM add_to_day(NEW.day, NEW.caller_id, jobs, held, spent, estimated);
    RETURN NULL;
END
$$;
CREATE TRIGGER total_entry AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION total_entry();

-- A hold moves to the day on which its job is sent; nothing else of an entry ever changes.
CREATE FUNCTION total_moved_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_day(OLD.day, NEW.caller_id, -1, -NEW.amount, 0, 0);
    PERFORM add_to_day(NEW.day, NEW.caller_id, 1, NEW.amount, 0, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER total_moved_hold AFTER UPDATE OF day ON ledger FOR EACH ROW WHEN (OLD.day <> NEW.day) EXECUTE FUNCTION total_moved_hold();

CREATE FUNCTION total_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payer TEXT := CASE TG_OP WHEN 'DELETE' THEN OLD.payer_id ELSE NEW.payer_id END;
    more BIGINT := CASE WHEN TG_OP = 'INSERT' THEN 1 WHEN TG_OP = 'DELETE' THEN -1 WHEN NEW.look_at IS NOT NULL AND NEW.attention = 0 THEN 1 ELSE -1 END;
BEGIN
    PERFORM add_to_totals(0, payer, 0, 0, 0, 0, more);
    PERFORM add_to_totals(0, '*', 0, 0, 0, 0, more);
    RETURN NULL;
END
$$;
CREATE TRIGGER total_new_job AFTER INSERT ON jobs FOR EACH ROW WHEN (NEW.look_at IS NOT NULL AND NEW.attention = 0) EXECUTE FUNCTION total_job();
CREATE TRIGGER total_changed_job AFTER UPDATE OF look_at, attention ON jobs FOR EACH ROW
    WHEN ((OLD.look_at IS NOT NULL AND OLD.attention = 0) <> (NEW.look_at IS NOT NULL AND NEW.attention = 0)) EXECUTE FUNCTION total_job();
CREATE TRIGGER total_deleted_job AFTER DELETE ON jobs FOR EACH ROW WHEN (OLD.look_at IS NOT NULL AND OLD.attention = 0) EXECUTE FUNCTION total_job();
