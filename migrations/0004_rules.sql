-- +goose Up
-- What decides which pitch earned a link, besides links and pitches: the rules
-- (config "rules"), the platform table, the other names of outlets and what of
-- them never counts. Their common version is config "rules.version".

-- What the workspace changes of the platform table that ships with Landed: a row
-- of its own, or instead of a shipped one, or with removed no row at all. Lists
-- hold words separated by spaces, as the shipped table does.
CREATE TABLE platform (
  host       TEXT PRIMARY KEY,
  removed    BOOLEAN NOT NULL,
  same_as    TEXT NOT NULL,
  subdomains TEXT NOT NULL,
  paths      TEXT NOT NULL,
  reserved   TEXT NOT NULL,
  fronts     TEXT NOT NULL
);

-- Subdomains of an outlet whose links never count: "jobs" or "jobs.example.com".
CREATE TABLE outlet_off (
  outlet_id BIGINT NOT NULL REFERENCES outlet (id),
  subdomain TEXT NOT NULL,
  PRIMARY KEY (outlet_id, subdomain)
);

-- Who asked not to be contacted, and why.
ALTER TABLE outlet ADD COLUMN no_contact_person TEXT NOT NULL DEFAULT '';
ALTER TABLE outlet ADD COLUMN no_contact_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX outlet_no_contact ON outlet (key) WHERE do_not_contact;
CREATE INDEX outlet_name ON outlet (lower(name));

-- The address that a pitch was logged for, once a change of the platform table
-- has moved the pitch to another outlet: a later change goes by it again.
CREATE TABLE pitch_home (
  pitch_id BIGINT PRIMARY KEY REFERENCES pitch (id),
  address  TEXT NOT NULL
);

-- What a provider said of referring domains that are no rows of refdomain since
-- the platform table counts their links under another name.
CREATE TABLE refdomain_folded (
  site_id    BIGINT NOT NULL REFERENCES site (id),
  domain     TEXT NOT NULL,
  into_id    BIGINT NOT NULL,              -- the refdomain that counts them now
  first_seen TEXT NOT NULL,
  authority  DOUBLE PRECISION NOT NULL,
  metric     TEXT NOT NULL,
  said_links BIGINT NOT NULL,
  said_first TEXT NOT NULL,
  PRIMARY KEY (site_id, domain)
);
CREATE INDEX refdomain_folded_into ON refdomain_folded (into_id);

-- Changes of the rules in the wide sense, asked for, computed and applied.
CREATE TABLE rule_change (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL,              -- rules, platforms, aliases, subdomains
  outlet_id    BIGINT NOT NULL DEFAULT 0,
  subject      TEXT NOT NULL,              -- what a person reads: "Thresholds", "example.com"
  from_value   TEXT NOT NULL,              -- JSON of the whole setting before …
  to_value     TEXT NOT NULL,              -- … and after
  note         TEXT NOT NULL DEFAULT '',   -- what differs, in words
  state        TEXT NOT NULL,              -- looking, ready, applying, applied, dropped, failed
  base_version BIGINT NOT NULL,            -- of the rules that the preview compares with
  base_mark    TEXT NOT NULL DEFAULT '',   -- of the links, pitches and decisions it read
  version      BIGINT NOT NULL DEFAULT 0,  -- that it made; 0 = not applied
  undoes       BIGINT NOT NULL DEFAULT 0,
  account_id   BIGINT NOT NULL,
  who          TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  applied_by   TEXT NOT NULL DEFAULT '',
  applied_at   TEXT NOT NULL DEFAULT '',
  finished_at  TEXT NOT NULL DEFAULT '',
  done         BIGINT NOT NULL DEFAULT 0,  -- referring domains
  total        BIGINT NOT NULL DEFAULT 0,
  preview      TEXT NOT NULL DEFAULT '',   -- JSON: counts and examples
  outcome      TEXT NOT NULL DEFAULT '',   -- JSON: counts
  message      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX rule_change_open ON rule_change (id) WHERE state IN ('looking', 'applying');
CREATE INDEX rule_change_version ON rule_change (version DESC) WHERE version <> 0;

-- The referring domains that a change still has to decide anew.
CREATE TABLE rule_todo (
  change_id BIGINT NOT NULL REFERENCES rule_change (id),
  site_id   BIGINT NOT NULL,
  domain_id BIGINT NOT NULL,
  PRIMARY KEY (change_id, site_id, domain_id)
);
