-- Tells every replica which job has news, at the commit that makes it so.
CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('klingproxy_jobs', NEW.job_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_job AFTER INSERT ON job_events FOR EACH ROW EXECUTE FUNCTION announce_job();
