-- What operators have done: one row for each act, written with the change that it is about, and never changed.
CREATE TABLE audit (
    id       TEXT   PRIMARY KEY,
    at       BIGINT NOT NULL,
    by_id    TEXT   NOT NULL,
    act      TEXT   NOT NULL,
    by_act   TEXT   NOT NULL, -- both, with a space between: who is asked for together is one key
    subject  TEXT   NOT NULL,
    detail   TEXT   NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_operator ON audit (by_id, at, id);
CREATE INDEX audit_of_act ON audit (act, at, id);
CREATE INDEX audit_by_operator_of_act ON audit (by_act, at, id);
CREATE INDEX audit_of_subject ON audit (subject);

-- Everybody's jobs, all and by status, for operators. No list of one caller's writes what these lead with, so no engine can take them for it.
CREATE INDEX jobs_by_time ON jobs ((created_at + 0), id);
CREATE INDEX jobs_of_all_by_status ON jobs (('* ' || status), created_at DESC, id DESC);
