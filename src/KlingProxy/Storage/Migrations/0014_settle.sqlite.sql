CREATE TRIGGER total_settled AFTER INSERT ON ledger WHEN NEW.kind IN ('Settlement', 'Correction') BEGIN
    INSERT INTO settled (day, model, amount, estimated)
        VALUES (NEW.at / 864000000000, NEW.model, NEW.amount, CASE WHEN NEW.estimated = 1 THEN NEW.amount ELSE 0 END)
        ON CONFLICT (day, model) DO UPDATE SET amount = amount + excluded.amount, estimated = estimated + excluded.estimated;
END;
