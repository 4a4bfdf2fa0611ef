-- +goose Up
-- Days are TEXT 'YYYY-MM-DD', instants TEXT 'YYYY-MM-DDTHH:MM:SSZ', both UTC; ''
-- means not known. Ids are made by Landed. INTEGER PRIMARY KEY makes the id the
-- row's own key in SQLite; on another engine it would read BIGINT.

CREATE TABLE config (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE account (
  id            INTEGER PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE,      -- folded to lower case
  name          TEXT NOT NULL,
  role          TEXT NOT NULL,             -- viewer, staff, manager, admin
  password_hash TEXT NOT NULL DEFAULT '',  -- argon2id PHC string; '' = invited, none set yet
  disabled      BOOLEAN NOT NULL DEFAULT FALSE,
  epoch         BIGINT NOT NULL DEFAULT 1, -- counts up to end every session of the account
  theme         TEXT NOT NULL DEFAULT '',
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
);

-- One-off secrets: set-up, invitation, password reset. Only their hash is kept.
CREATE TABLE one_off (
  token_hash TEXT PRIMARY KEY,
  purpose    TEXT NOT NULL,
  account_id BIGINT NOT NULL DEFAULT 0,
  expires_at TEXT NOT NULL
);

CREATE TABLE session (
  token  TEXT PRIMARY KEY,                 -- a hash, see scs HashTokenInStore
  data   BLOB NOT NULL,
  expiry BIGINT NOT NULL,                  -- Unix seconds; moves on while the session is used
  account_id BIGINT NOT NULL DEFAULT 0,
  started_at TEXT NOT NULL DEFAULT '',
  address    TEXT NOT NULL DEFAULT '',     -- of the client, at sign-in
  agent      TEXT NOT NULL DEFAULT ''      -- what the browser called itself, cut
);
CREATE INDEX session_expiry ON session (expiry);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE audit (
  id         INTEGER PRIMARY KEY,
  at         TEXT NOT NULL,
  account_id BIGINT NOT NULL DEFAULT 0,
  actor      TEXT NOT NULL,                -- name at that time, or "command line"
  address    TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  action     TEXT NOT NULL,                -- e.g. signin, signin_failed, account_role
  subject    TEXT NOT NULL DEFAULT '',
  detail     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_at ON audit (at DESC, id DESC);

CREATE TABLE site (
  id         INTEGER PRIMARY KEY,
  host       TEXT NOT NULL UNIQUE,         -- normalised, e.g. example.com
  mode       TEXT NOT NULL DEFAULT 'domain',
  created_at TEXT NOT NULL
);

CREATE TABLE outlet (
  id             INTEGER PRIMARY KEY,
  key            TEXT NOT NULL UNIQUE,     -- weburl outlet key
  name           TEXT NOT NULL,
  scoped         BOOLEAN NOT NULL DEFAULT FALSE, -- an author's place on a platform
  unscoped       BOOLEAN NOT NULL DEFAULT FALSE, -- a bare platform host
  authority      DOUBLE PRECISION NOT NULL DEFAULT 0,
  metric         TEXT NOT NULL DEFAULT '',
  do_not_contact BOOLEAN NOT NULL DEFAULT FALSE,
  created_at     TEXT NOT NULL
);

CREATE TABLE outlet_alias (
  id        INTEGER PRIMARY KEY,
  outlet_id BIGINT NOT NULL REFERENCES outlet (id),
  key       TEXT NOT NULL,
  from_on   TEXT NOT NULL DEFAULT '',
  to_on     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outlet_alias_outlet ON outlet_alias (outlet_id);
CREATE INDEX outlet_alias_key ON outlet_alias (key);

CREATE TABLE pitch (
  id             INTEGER PRIMARY KEY,
  site_id        BIGINT NOT NULL REFERENCES site (id),
  ref            TEXT NOT NULL DEFAULT '',
  outlet_id      BIGINT NOT NULL REFERENCES outlet (id),
  host           TEXT NOT NULL,            -- of the outlet as it was typed
  contact        TEXT NOT NULL DEFAULT '',
  email          TEXT NOT NULL DEFAULT '',
  campaign       TEXT NOT NULL DEFAULT '',
  subject        TEXT NOT NULL DEFAULT '',
  type           TEXT NOT NULL DEFAULT '',
  status         TEXT NOT NULL,
  target_url     TEXT NOT NULL DEFAULT '',
  anchor         TEXT NOT NULL DEFAULT '',
  expected_rel   TEXT NOT NULL DEFAULT '',
  live_url       TEXT NOT NULL DEFAULT '',
  owner_id       BIGINT NOT NULL DEFAULT 0,
  owner_name     TEXT NOT NULL DEFAULT '', -- of a list's owner who has no account
  sent_on        TEXT NOT NULL DEFAULT '',
  follow_up_on   TEXT NOT NULL DEFAULT '',
  next_action_on TEXT NOT NULL DEFAULT '',
  replied_on     TEXT NOT NULL DEFAULT '',
  expected_on    TEXT NOT NULL DEFAULT '',
  landed_on      TEXT NOT NULL DEFAULT '',
  closed_on      TEXT NOT NULL DEFAULT '',
  bounced        BOOLEAN NOT NULL DEFAULT FALSE,
  cost_cents     BIGINT NOT NULL DEFAULT 0,
  currency       TEXT NOT NULL DEFAULT '',
  paid_until     TEXT NOT NULL DEFAULT '',
  decline_reason TEXT NOT NULL DEFAULT '',
  tags           TEXT NOT NULL DEFAULT '', -- JSON list
  notes          TEXT NOT NULL DEFAULT '',
  source         TEXT NOT NULL DEFAULT '',
  extra          TEXT NOT NULL DEFAULT '', -- JSON object of a list's other columns
  import_key     TEXT NOT NULL DEFAULT '', -- natural key of the row it came from, whatever became of it since
  version        BIGINT NOT NULL DEFAULT 1,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  deleted_at     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX pitch_sent ON pitch (site_id, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_status ON pitch (site_id, status, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_owner ON pitch (site_id, owner_id, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_campaign ON pitch (site_id, campaign, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_follow_up ON pitch (site_id, follow_up_on, id) WHERE deleted_at = '' AND follow_up_on <> '';
CREATE INDEX pitch_outlet ON pitch (outlet_id, sent_on DESC, id DESC) WHERE deleted_at = '';

-- The referring domains whose links a pitch may claim: its outlet's, those of
-- the outlet's aliases and of its live URL.
CREATE TABLE pitch_domain (
  domain_id BIGINT NOT NULL,               -- as refdomain.id, whether that row exists yet or not
  pitch_id  BIGINT NOT NULL REFERENCES pitch (id),
  PRIMARY KEY (domain_id, pitch_id)
);
CREATE INDEX pitch_domain_pitch ON pitch_domain (pitch_id);

CREATE TABLE pitch_event (
  id         INTEGER PRIMARY KEY,
  pitch_id   BIGINT NOT NULL REFERENCES pitch (id),
  at         TEXT NOT NULL,
  account_id BIGINT NOT NULL DEFAULT 0,
  who        TEXT NOT NULL,
  kind       TEXT NOT NULL,
  from_value TEXT NOT NULL DEFAULT '',
  to_value   TEXT NOT NULL DEFAULT '',
  note       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX pitch_event_pitch ON pitch_event (pitch_id, id DESC);

CREATE TABLE pitch_total (
  site_id BIGINT NOT NULL REFERENCES site (id),
  status  TEXT NOT NULL,
  n       BIGINT NOT NULL,
  PRIMARY KEY (site_id, status)
);

CREATE TABLE link (
  id              INTEGER PRIMARY KEY,     -- 64-bit hash of (site, source page key, target page key)
  site_id         BIGINT NOT NULL REFERENCES site (id),
  page_id         BIGINT NOT NULL,         -- hash of the source page key: one placement
  domain_id       BIGINT NOT NULL,         -- refdomain; 0 when the source has no outlet key, see unkeyed
  key_id          BIGINT NOT NULL,         -- hash of the outlet key: one domain can hold many outlets
  source_url      TEXT NOT NULL,
  target_url      TEXT NOT NULL,
  anchor          TEXT NOT NULL,
  title           TEXT NOT NULL,
  author          TEXT NOT NULL,
  kind            TEXT NOT NULL,
  rel             BIGINT NOT NULL,         -- nofollow + 3*ugc + 9*sponsored, each 0 unknown, 1 no, 2 yes
  authority       DOUBLE PRECISION NOT NULL,
  metric          TEXT NOT NULL,
  http_code       BIGINT NOT NULL,
  first_seen      TEXT NOT NULL,
  page_first_seen TEXT NOT NULL,
  last_seen       TEXT NOT NULL,
  lost_on         TEXT NOT NULL,
  lost_reason     TEXT NOT NULL,
  lost_said       TEXT NOT NULL,
  provider        TEXT NOT NULL,
  unkeyed         TEXT NOT NULL            -- why the source has no outlet key
);
CREATE INDEX link_seen ON link (site_id, first_seen DESC, id DESC);
CREATE INDEX link_domain ON link (domain_id, key_id);
CREATE INDEX link_lost ON link (site_id, lost_on DESC, id DESC) WHERE lost_on <> '';

-- Per-provider dates, written once a second provider has seen the same link.
CREATE TABLE sighting (
  link_id    BIGINT NOT NULL REFERENCES link (id),
  provider   TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen  TEXT NOT NULL,
  lost_on    TEXT NOT NULL,
  PRIMARY KEY (link_id, provider)
);

-- What happened to a link after it was first stored: lost, reinstated, changed.
CREATE TABLE link_event (
  id         INTEGER PRIMARY KEY,
  link_id    BIGINT NOT NULL REFERENCES link (id),
  at         TEXT NOT NULL,
  kind       TEXT NOT NULL,
  from_value TEXT NOT NULL DEFAULT '',
  to_value   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX link_event_link ON link_event (link_id, id);

-- The link's attribution. No row = no candidate at all.
CREATE TABLE credit (
  link_id      INTEGER PRIMARY KEY REFERENCES link (id),
  site_id      BIGINT NOT NULL,
  page_id      BIGINT NOT NULL,
  first_seen   TEXT NOT NULL,              -- the link's, for the order of lists
  pitch_id     BIGINT NOT NULL,            -- 0 = a person said that none earned it
  score        BIGINT NOT NULL,
  band         TEXT NOT NULL,
  state        TEXT NOT NULL,              -- auto, suggested, confirmed, rejected; possible is folded away
  contested    BOOLEAN NOT NULL,
  lead         BOOLEAN NOT NULL,           -- the page's first credited link: counts as the placement
  reasons      TEXT NOT NULL,
  owner_id     BIGINT NOT NULL,            -- frozen when the credit was made
  campaign     TEXT NOT NULL,
  rule_version BIGINT NOT NULL,
  decided_by   BIGINT NOT NULL DEFAULT 0,
  version      BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX credit_state ON credit (site_id, state, first_seen DESC, link_id DESC);
CREATE INDEX credit_credited ON credit (site_id, first_seen DESC, link_id DESC) WHERE state IN ('auto', 'confirmed');
CREATE INDEX credit_pitch ON credit (pitch_id, first_seen DESC, link_id DESC);

CREATE TABLE assist (
  link_id  BIGINT NOT NULL REFERENCES link (id),
  pitch_id BIGINT NOT NULL,
  score    BIGINT NOT NULL,
  reasons  TEXT NOT NULL,
  PRIMARY KEY (link_id, pitch_id)
);

CREATE TABLE rejection (
  link_id  BIGINT NOT NULL REFERENCES link (id),
  pitch_id BIGINT NOT NULL,
  PRIMARY KEY (link_id, pitch_id)
);

-- Append-only: what people decided. Undo is one more row.
CREATE TABLE decision (
  id           INTEGER PRIMARY KEY,
  link_id      BIGINT NOT NULL REFERENCES link (id),
  at           TEXT NOT NULL,
  account_id   BIGINT NOT NULL,
  who          TEXT NOT NULL,
  kind         TEXT NOT NULL,              -- confirm, reassign, reject, undo
  from_pitch   BIGINT NOT NULL,
  to_pitch     BIGINT NOT NULL,
  from_state   TEXT NOT NULL,
  to_state     TEXT NOT NULL,
  undoes       BIGINT NOT NULL DEFAULT 0,
  pitch_before TEXT NOT NULL DEFAULT '',   -- JSON of what confirming changed on the pitch
  note         TEXT NOT NULL DEFAULT '',
  rule_version BIGINT NOT NULL
);
CREATE INDEX decision_link ON decision (link_id, id DESC);

CREATE TABLE refdomain (
  id            INTEGER PRIMARY KEY,       -- 64-bit hash of (site, domain)
  site_id       BIGINT NOT NULL REFERENCES site (id),
  domain        TEXT NOT NULL,
  first_seen    TEXT NOT NULL,
  first_link_id BIGINT NOT NULL DEFAULT 0,
  class         TEXT NOT NULL DEFAULT 'organic', -- outreach, unreviewed, organic: by its first link
  links         BIGINT NOT NULL DEFAULT 0,
  live_links    BIGINT NOT NULL DEFAULT 0,
  authority     DOUBLE PRECISION NOT NULL DEFAULT 0,
  metric        TEXT NOT NULL DEFAULT '',
  said_links    BIGINT NOT NULL DEFAULT -1, -- what the provider counts; -1 = it has not said
  said_first    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX refdomain_name ON refdomain (site_id, domain);
CREATE INDEX refdomain_seen ON refdomain (site_id, first_seen DESC, id DESC);
CREATE INDEX refdomain_class ON refdomain (site_id, class, first_seen DESC, id DESC) WHERE class <> 'organic';

CREATE TABLE snapshot (
  site_id          BIGINT NOT NULL REFERENCES site (id),
  on_day           TEXT NOT NULL,
  provider         TEXT NOT NULL,
  authority        DOUBLE PRECISION NOT NULL,
  metric           TEXT NOT NULL,
  backlinks        BIGINT NOT NULL,
  refdomains       BIGINT NOT NULL,
  organic_traffic  BIGINT NOT NULL,
  organic_keywords BIGINT NOT NULL,
  fetched_at       TEXT NOT NULL,
  PRIMARY KEY (site_id, provider, on_day)
);

-- What dashboards and totals read; rewritten for the touched days in the
-- transaction that touched them. day '' holds what has no date.
CREATE TABLE daily (
  site_id            BIGINT NOT NULL REFERENCES site (id),
  day                TEXT NOT NULL,
  links_new          BIGINT NOT NULL,
  links_lost         BIGINT NOT NULL,
  credited           BIGINT NOT NULL,
  confirmed          BIGINT NOT NULL,
  suggested          BIGINT NOT NULL,
  placements         BIGINT NOT NULL,
  unconfirmed        BIGINT NOT NULL,      -- placements that no person confirmed yet
  placements_lost    BIGINT NOT NULL,
  domains_new        BIGINT NOT NULL,
  domains_outreach   BIGINT NOT NULL,
  domains_unreviewed BIGINT NOT NULL,
  PRIMARY KEY (site_id, day)
);

CREATE TABLE site_total (
  site_id            BIGINT PRIMARY KEY REFERENCES site (id),
  links_new          BIGINT NOT NULL,
  links_lost         BIGINT NOT NULL,
  credited           BIGINT NOT NULL,
  confirmed          BIGINT NOT NULL,
  suggested          BIGINT NOT NULL,
  placements         BIGINT NOT NULL,
  unconfirmed        BIGINT NOT NULL,
  placements_lost    BIGINT NOT NULL,
  domains_new        BIGINT NOT NULL,
  domains_outreach   BIGINT NOT NULL,
  domains_unreviewed BIGINT NOT NULL
);

-- Pitches by the month they were sent, who sent them and for which campaign,
-- kept with the writes. first_on and last_on say whether a period has all of a
-- row. Drafts, deleted pitches and those without a day of sending are in none.
CREATE TABLE pitch_cohort (
  site_id    BIGINT NOT NULL REFERENCES site (id),
  month      TEXT NOT NULL,                -- 2026-03
  owner_id   BIGINT NOT NULL,
  owner_name TEXT NOT NULL,                -- of a list's owner who has no account
  campaign   TEXT NOT NULL,
  first_on   TEXT NOT NULL,
  last_on    TEXT NOT NULL,
  sent       BIGINT NOT NULL,
  replied    BIGINT NOT NULL,
  accepted   BIGINT NOT NULL,
  placed     BIGINT NOT NULL,              -- with a credited link
  links      BIGINT NOT NULL,              -- credited links
  live       BIGINT NOT NULL,              -- of them live and followed
  delays     TEXT NOT NULL,                -- JSON list: days from sending to the first credited link
  costs      TEXT NOT NULL,                -- JSON object: cents by currency
  PRIMARY KEY (site_id, month, owner_id, owner_name, campaign)
);

-- The sums of pitch_cohort over people and campaigns.
CREATE TABLE pitch_month (
  site_id  BIGINT NOT NULL REFERENCES site (id),
  month    TEXT NOT NULL,
  first_on TEXT NOT NULL,
  last_on  TEXT NOT NULL,
  sent     BIGINT NOT NULL,
  replied  BIGINT NOT NULL,
  accepted BIGINT NOT NULL,
  placed   BIGINT NOT NULL,
  links    BIGINT NOT NULL,
  live     BIGINT NOT NULL,
  delays   TEXT NOT NULL,
  costs    TEXT NOT NULL,
  PRIMARY KEY (site_id, month)
);

-- The readings of snapshot by month, in one row each: a chart of a year reads 12
-- rows instead of 365.
CREATE TABLE snapshot_month (
  site_id  BIGINT NOT NULL REFERENCES site (id),
  provider TEXT NOT NULL,
  metric   TEXT NOT NULL,
  month    TEXT NOT NULL,
  readings TEXT NOT NULL,                  -- day of the month, authority, referring domains; one reading a line
  PRIMARY KEY (site_id, provider, metric, month)
);

-- The credited placements that were lost, by the day of the loss: a copy of what
-- link and credit say, because finding them there takes reading every lost link.
CREATE TABLE placement_lost (
  site_id BIGINT NOT NULL REFERENCES site (id),
  day     TEXT NOT NULL,
  link_id BIGINT NOT NULL,
  reason  TEXT NOT NULL,
  PRIMARY KEY (site_id, day, link_id)
);

CREATE TABLE sync_run (
  id          INTEGER PRIMARY KEY,
  site_id     BIGINT NOT NULL REFERENCES site (id),
  state       TEXT NOT NULL,               -- queued, running, waiting, done, failed, cancelled
  started_at  TEXT NOT NULL,
  finished_at TEXT NOT NULL DEFAULT '',
  wait_until  TEXT NOT NULL DEFAULT '',
  message     TEXT NOT NULL DEFAULT '',    -- what went wrong, what was kept, what comes next
  requests    BIGINT NOT NULL DEFAULT 0,
  units       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sync_run_site ON sync_run (site_id, id DESC);
CREATE UNIQUE INDEX sync_run_open ON sync_run (site_id) WHERE state IN ('queued', 'running', 'waiting');

CREATE TABLE sync_step (
  run_id    BIGINT NOT NULL REFERENCES sync_run (id),
  step      TEXT NOT NULL,                 -- new_links, lost_links, refdomains, overview
  seq       BIGINT NOT NULL,
  from_on   TEXT NOT NULL DEFAULT '',
  to_on     TEXT NOT NULL DEFAULT '',
  cursor    TEXT NOT NULL DEFAULT '',      -- where the next page starts
  state     TEXT NOT NULL,                 -- queued, running, done, failed
  row_count BIGINT NOT NULL DEFAULT 0,
  new_count BIGINT NOT NULL DEFAULT 0,     -- links or domains not known before
  lost_count BIGINT NOT NULL DEFAULT 0,    -- links that were live here before
  credit_count BIGINT NOT NULL DEFAULT 0,  -- links credited automatically that were not before
  requests  BIGINT NOT NULL DEFAULT 0,
  units     BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, step)
);

-- The last day that was pulled whole, per site and step.
CREATE TABLE sync_mark (
  site_id BIGINT NOT NULL REFERENCES site (id),
  step    TEXT NOT NULL,
  on_day  TEXT NOT NULL,
  PRIMARY KEY (site_id, step)
);

CREATE TABLE import (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,               -- pitches, links
  site_id     BIGINT NOT NULL REFERENCES site (id),
  account_id  BIGINT NOT NULL,
  who         TEXT NOT NULL,
  file_name   TEXT NOT NULL,               -- as the browser sent it; shown, never used as a path
  digest      TEXT NOT NULL,               -- SHA-256 of the content, in hex; also its name under uploads/
  size        BIGINT NOT NULL,
  state       TEXT NOT NULL,               -- uploaded, queued, running, done, failed
  mapping     TEXT NOT NULL DEFAULT '',    -- JSON
  progress    BIGINT NOT NULL DEFAULT 0,   -- rows read so far
  outcome     TEXT NOT NULL DEFAULT '',    -- JSON: counts and refused rows
  message     TEXT NOT NULL DEFAULT '',
  created_at  TEXT NOT NULL,
  finished_at TEXT NOT NULL DEFAULT ''
);
CREATE INDEX import_created ON import (created_at DESC, id DESC);

CREATE TABLE saved_mapping (
  kind        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  mapping     TEXT NOT NULL,
  PRIMARY KEY (kind, fingerprint)
);

-- +goose StatementBegin
CREATE TRIGGER audit_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_append_only_update BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_append_only_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
