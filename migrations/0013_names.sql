-- +goose Up
-- The id of a referring domain says how its name begins: with it in the indexes,
-- lists that are narrowed to how names begin compare ids along their order, and
-- need neither a number of their own nor an index of the names.
DROP INDEX refdomain_name;
DROP INDEX link_seen;
DROP INDEX link_lost;
ALTER TABLE link DROP COLUMN head;
CREATE INDEX link_seen ON link (site_id, first_seen DESC, id DESC, domain_id);
CREATE INDEX link_lost ON link (site_id, lost_on DESC, id DESC, domain_id) WHERE lost_on <> '';

-- The program gives the domains there are their new ids the first time that it
-- opens the database.
INSERT INTO config (key, value) VALUES ('domains.renumber', 'yes');

-- How far full attributions came that were cut off is written down as such an id:
-- they begin anew.
DELETE FROM config WHERE key >= 'attribute.' AND key < 'attribute/';
