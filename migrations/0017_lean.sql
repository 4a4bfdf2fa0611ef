-- +goose Up
-- Every index ends with the id of its rows. One that names it once more, descending,
-- is a third larger and slower to make than one that is read backwards.
DROP INDEX refdomain_seen;
CREATE INDEX refdomain_seen ON refdomain (seen);
DROP INDEX refdomain_class;
CREATE INDEX refdomain_class ON refdomain (class, seen) WHERE class <> 'organic';
DROP INDEX credit_pitch;
CREATE INDEX credit_pitch ON credit (pitch_id, first_seen);
DROP INDEX credit_queue;
CREATE INDEX credit_queue ON credit (site_id, state, worth, first_seen) WHERE state IN ('suggested', 'possible');
DROP INDEX credit_queue_owner;
CREATE INDEX credit_queue_owner ON credit (site_id, state, owner_id, worth, first_seen) WHERE state IN ('suggested', 'possible');
DROP INDEX credit_state;
CREATE INDEX credit_state ON credit (site_id, state, first_seen) WHERE state <> 'auto';
