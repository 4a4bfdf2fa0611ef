-- +goose Up
-- That the score alone decides about a proposal is kept with it: to look for
-- reasons in their text for each row made the index slow to fill.
ALTER TABLE credit ADD COLUMN automatic BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE credit SET automatic = TRUE WHERE NOT contested
  AND reasons NOT LIKE '%"not_editorial"%' ESCAPE '\' AND reasons NOT LIKE '%"no_date"%' ESCAPE '\'
  AND reasons NOT LIKE '%"undated_link"%' ESCAPE '\' AND reasons NOT LIKE '%"unscoped_platform"%' ESCAPE '\'
  AND reasons NOT LIKE '%"unspecific"%' ESCAPE '\' AND reasons NOT LIKE '%"doubted"%' ESCAPE '\'
  AND reasons NOT LIKE '%"other_section"%' ESCAPE '\' AND reasons NOT LIKE '%"linked_before"%' ESCAPE '\';
DROP INDEX credit_automatic;
CREATE INDEX credit_automatic ON credit (site_id, first_seen DESC, link_id DESC, score) WHERE automatic AND state IN ('auto', 'suggested');

-- Copies of articles among the links of 0.1.0 were left to be found by hand.
INSERT INTO config (key, value) VALUES ('figures.stale', 'yes') ON CONFLICT (key) DO NOTHING;
