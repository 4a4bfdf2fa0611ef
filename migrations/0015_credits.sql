-- +goose Up
-- One index in the order of lists holds what narrows them, where three held a part
-- of the credits each: an import fills it once. What is not credited automatically
-- is found by its state.
DROP INDEX credit_credited;
DROP INDEX credit_automatic;
DROP INDEX credit_state;
CREATE INDEX credit_seen ON credit (site_id, first_seen DESC, link_id DESC, state, automatic, score);
CREATE INDEX credit_state ON credit (site_id, state, first_seen DESC, link_id DESC) WHERE state <> 'auto';
