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
);
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

CREATE TRIGGER total_entry AFTER INSERT ON ledger BEGIN
    INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
        SELECT purses.day, purses.purse, jobs, held, spent, estimated
        FROM (SELECT NEW.day AS day, NEW.caller_id AS purse UNION ALL SELECT 0, NEW.caller_id UNION ALL SELECT NEW.day, '*'
              UNION ALL SELECT NEW.day, '*anonymous' WHERE NEW.caller_id LIKE 'anonymous:%') purses,
             (SELECT jobs, held, spent, estimated FROM (SELECT
                CASE NEW.kind WHEN 'Hold' THEN 1 ELSE 0 END AS jobs,
                CASE NEW.kind WHEN 'Hold' THEN NEW.amount WHEN 'Release' THEN -NEW.amount ELSE 0 END AS held,
                CASE WHEN NEW.kind IN ('Settlement', 'Correction') THEN NEW.amount ELSE 0 END AS spent,
                CASE WHEN NEW.kind IN ('Settlement', 'Correction') AND NEW.estimated = 1 THEN NEW.amount ELSE 0 END AS estimated)) counts
        WHERE true
        ON CONFLICT (day, purse) DO UPDATE SET
            jobs = jobs + excluded.jobs, held = held + excluded.held, spent = spent + excluded.spent, estimated = estimated + excluded.estimated;
END;

-- A hold moves to the day on which its job is sent; nothing else of an entry ever changes.
CREATE TRIGGER total_moved_hold AFTER UPDATE OF day ON ledger WHEN OLD.day <> NEW.day BEGIN
    INSERT INTO spending_totals (day, purse, jobs, held)
        SELECT days.day, purses.purse, days.sign, days.sign * NEW.amount
        FROM (SELECT OLD.day AS day, -1 AS sign UNION ALL SELECT NEW.day, 1) days,
             (SELECT NEW.caller_id AS purse UNION ALL SELECT '*' UNION ALL SELECT '*anonymous' WHERE NEW.caller_id LIKE 'anonymous:%') purses
        WHERE true
        ON CONFLICT (day, purse) DO UPDATE SET jobs = jobs + excluded.jobs, held = held + excluded.held;
END;

CREATE TRIGGER total_new_job AFTER INSERT ON jobs WHEN NEW.look_at IS NOT NULL AND NEW.attention = 0 BEGIN
    INSERT INTO spending_totals (day, purse, in_flight) VALUES (0, NEW.payer_id, 1), (0, '*', 1)
        ON CONFLICT (day, purse) DO UPDATE SET in_flight = in_flight + 1;
END;

CREATE TRIGGER total_changed_job AFTER UPDATE OF look_at, attention ON jobs
WHEN (OLD.look_at IS NOT NULL AND OLD.attention = 0) <> (NEW.look_at IS NOT NULL AND NEW.attention = 0) BEGIN
    UPDATE spending_totals SET in_flight = in_flight + CASE WHEN NEW.look_at IS NOT NULL AND NEW.attention = 0 THEN 1 ELSE -1 END
        WHERE day = 0 AND purse IN (NEW.payer_id, '*');
END;

CREATE TRIGGER total_deleted_job AFTER DELETE ON jobs WHEN OLD.look_at IS NOT NULL AND OLD.attention = 0 BEGIN
    UPDATE spending_totals SET in_flight = in_flight - 1 WHERE day = 0 AND purse IN (OLD.payer_id, '*');
END;
