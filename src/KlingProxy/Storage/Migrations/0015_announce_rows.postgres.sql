-- Tells every replica which row it may no longer remember, at the commit that makes it so.
CREATE FUNCTION announce_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('klingproxy_rows', TG_TABLE_NAME || ' ' || OLD.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_row AFTER UPDATE OF document OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION announce_row();
CREATE TRIGGER announce_row AFTER UPDATE OR DELETE ON api_keys FOR EACH ROW EXECUTE FUNCTION announce_row();
-- With a job it is remembered that its name was used, which a later word on its answer may take back.
CREATE FUNCTION announce_unnamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('klingproxy_rows', 'jobs ' || NEW.job_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_unnamed AFTER UPDATE ON unanswered FOR EACH ROW WHEN (NEW.until_end = 0 AND NEW.until > OLD.until)
    EXECUTE FUNCTION announce_unnamed();
CREATE TRIGGER announce_row AFTER UPDATE OR DELETE ON tickets FOR EACH ROW EXECUTE FUNCTION announce_row();
