-- Tells every replica which row it may no longer remember, at the commit that makes it so.
CREATE FUNCTION announce_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('klingproxy_rows', TG_TABLE_NAME || ' ' || OLD.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_row AFTER UPDATE OF document OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION announce_row();
CREATE TRIGGER announce_row AFTER UPDATE OR DELETE ON api_keys FOR EACH ROW EXECUTE FUNCTION announce_row();
CREATE TRIGGER announce_row AFTER UPDATE OR DELETE ON tickets FOR EACH ROW EXECUTE FUNCTION announce_row();
