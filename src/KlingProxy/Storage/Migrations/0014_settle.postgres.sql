-- In one transaction with the trigger: what another replica of an older version writes before it is added up, and what it writes after it is counted.
INSERT INTO settled (day, model, amount, estimated)
    SELECT at / 864000000000, model, SUM(amount), SUM(CASE WHEN estimated = 1 THEN amount ELSE 0 END)
    FROM ledger WHERE kind IN ('Settlement', 'Correction') GROUP BY 1, 2;

CREATE FUNCTION total_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO settled AS s (day, model, amount, estimated)
        VALUES (NEW.at / 864000000000, NEW.model, NEW.amount, CASE WHEN NEW.estimated = 1 THEN NEW.amount ELSE 0 END)
        ON CONFLICT (day, model) DO UPDATE SET amount = s.amount + excluded.amount, estimated = s.estimated + excluded.estimated;
    RETURN NULL;
END
$$;
CREATE TRIGGER total_settled AFTER INSERT ON ledger FOR EACH ROW WHEN (NEW.kind IN ('Settlement', 'Correction')) EXECUTE FUNCTION total_settled();
