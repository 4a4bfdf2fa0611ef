-- +goose Up
-- Full checks: a run that lists every live link of a site, see docs/sync.md.

ALTER TABLE sync_run ADD COLUMN every_link BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sync_step ADD COLUMN missed_count BIGINT NOT NULL DEFAULT 0; -- links that a whole list lacked for the first time

-- The list of a site that is being pulled, and what was seen alive since it began.
-- Emptied with its last page.
CREATE TABLE listing (
  site_id BIGINT PRIMARY KEY REFERENCES site (id),
  run_id  BIGINT NOT NULL REFERENCES sync_run (id)
);
CREATE TABLE listed (
  site_id BIGINT NOT NULL REFERENCES site (id),
  link_id BIGINT NOT NULL,
  PRIMARY KEY (site_id, link_id)
);

-- Links that the last whole list lacked and nothing has seen since. The next
-- whole list that lacks them makes them lost.
CREATE TABLE unlisted (
  site_id   BIGINT NOT NULL REFERENCES site (id),
  link_id   BIGINT NOT NULL,
  missed_on TEXT NOT NULL,
  PRIMARY KEY (site_id, link_id)
);
