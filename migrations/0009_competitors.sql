-- +goose Up
-- Whom a site is compared with, and who links to them.

-- The least authority of a source that a site's syncs ask for.
ALTER TABLE site ADD COLUMN source_floor BIGINT NOT NULL DEFAULT 30;

-- One that was removed keeps its row and its sources: added again, it goes on
-- where its last sync ended and nothing is paid for twice.
CREATE TABLE competitor (
  id         INTEGER PRIMARY KEY,
  site_id    BIGINT NOT NULL REFERENCES site (id),
  host       TEXT NOT NULL,
  added_at   TEXT NOT NULL,
  added_by   TEXT NOT NULL,
  removed_at TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX competitor_host ON competitor (site_id, host);

-- A domain that links to a competitor of a site.
CREATE TABLE source_domain (
  id        INTEGER PRIMARY KEY,           -- as refdomain.id, whether that row exists or not
  site_id   BIGINT NOT NULL REFERENCES site (id),
  domain    TEXT NOT NULL,
  authority DOUBLE PRECISION NOT NULL,
  metric    TEXT NOT NULL,
  strength  TEXT NOT NULL                  -- authority as text of one length, which orders lists
);
CREATE INDEX source_domain_strength ON source_domain (site_id, strength DESC, id DESC);

CREATE TABLE competitor_source (
  domain_id     BIGINT NOT NULL REFERENCES source_domain (id),
  competitor_id BIGINT NOT NULL REFERENCES competitor (id),
  source_url    TEXT NOT NULL,             -- one page of the domain that links there
  target_url    TEXT NOT NULL,
  anchor        TEXT NOT NULL,
  nofollow      BOOLEAN NOT NULL,          -- said to be
  first_seen    TEXT NOT NULL,             -- day of the link, where the provider said it
  found_on      TEXT NOT NULL,             -- day of the first sync that brought the domain
  seen_on       TEXT NOT NULL,             -- day of the last one
  run_id        BIGINT NOT NULL,           -- the run that brought source_url
  PRIMARY KEY (domain_id, competitor_id)
);
CREATE INDEX competitor_source_of ON competitor_source (competitor_id);
