-- +goose Up
-- The pitches of an owner who is only a name, which pitch_owner leaves out.
CREATE INDEX pitch_owner_name ON pitch (site_id, owner_name, sent_on DESC, id DESC) WHERE deleted_at = '' AND owner_name <> '';
