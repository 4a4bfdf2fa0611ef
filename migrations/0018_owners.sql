-- +goose Up
-- Owners of a list who have no account are a name: the index of owners does not find
-- them by it, and making it took a twentieth of the import of a list full of them. It
-- still has the pitches of accounts and those of nobody.
DROP INDEX pitch_owner;
CREATE INDEX pitch_owner ON pitch (site_id, owner_id, sent_on DESC, id DESC) WHERE deleted_at = '' AND (owner_id <> 0 OR owner_name = '');
