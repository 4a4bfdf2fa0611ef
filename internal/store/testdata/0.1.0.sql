PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-23 00:15:33');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-23 00:15:33');
CREATE TABLE config (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
INSERT INTO config VALUES('installed','2026-11-23T00:15:33Z');
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
INSERT INTO account VALUES(1,'admin@example.com','admin','admin','$argon2id$v=19$m=19456,t=2,p=1$e89jT5508rjflDFuOk4qjg$LVE5RnAvTjajnnjC1Z2mhNNMiC8V2QIDmn2fimaqPEU',0,1,'','2026-11-23T00:15:33Z','2026-11-23T00:15:33Z');
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
INSERT INTO audit VALUES(1,'2026-11-23T00:15:33Z',0,'command line','','','account_created','admin@example.com','admin');
CREATE TABLE site (
  id         INTEGER PRIMARY KEY,
  host       TEXT NOT NULL UNIQUE,         -- normalised, e.g. example.com
  mode       TEXT NOT NULL DEFAULT 'domain',
  created_at TEXT NOT NULL
);
INSERT INTO site VALUES(1,'fern.example','domain','2026-11-23T00:15:33Z');
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
INSERT INTO outlet VALUES(1,'moss.example','moss.example',0,0,0.0,'',0,'2026-11-23T00:15:33Z');
INSERT INTO outlet VALUES(2,'paper.example','paper.example',0,0,0.0,'',0,'2026-11-23T00:15:33Z');
INSERT INTO outlet VALUES(3,'medium.com/@writer','medium.com/@writer',1,0,0.0,'',0,'2026-11-23T00:15:33Z');
INSERT INTO outlet VALUES(4,'bare.example','bare.example',0,0,0.0,'',0,'2026-11-23T00:15:33Z');
CREATE TABLE outlet_alias (
  id        INTEGER PRIMARY KEY,
  outlet_id BIGINT NOT NULL REFERENCES outlet (id),
  key       TEXT NOT NULL,
  from_on   TEXT NOT NULL DEFAULT '',
  to_on     TEXT NOT NULL DEFAULT ''
);
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
INSERT INTO pitch VALUES(1,1,'p1',1,'moss.example','Ann Field','ann@moss.example','Spring','Ferns in winter','','landed','https://fern.example/guide','','','https://moss.example/ferns',0,'Bo','2026-01-02','','','','','2026-01-12','',0,0,'','','','','','p010.csv:2','','n1635a60d8db146618c275dfc7040876c0',2,'2026-11-23T00:15:33Z','2026-11-23T00:16:18Z','');
INSERT INTO pitch VALUES(2,1,'p2',2,'paper.example','','','Spring','Ten quiet rooms','','accepted','https://fern.example/','','','',0,'Bo','2026-02-03','','','','','','',0,0,'','','','','','p010.csv:3','','n1de00733b155d1aaf0adb64a52f9fa567',1,'2026-11-23T00:15:33Z','2026-11-23T00:15:33Z','');
INSERT INTO pitch VALUES(3,1,'p3',3,'medium.com','','','Autumn','A year of shade','','replied','https://fern.example/guide','','','',0,'Cy','2026-02-20','','','','','','',0,0,'','','','','','p010.csv:4','','n19b334548fc0d465998883325c9acb4bb',1,'2026-11-23T00:15:33Z','2026-11-23T00:15:33Z','');
INSERT INTO pitch VALUES(4,1,'p4',4,'bare.example','','','Autumn','Never answered','','declined','','','','',0,'Cy','2025-12-01','','','','','','',0,0,'','','','','','p010.csv:5','','n1d708adf2a5f26076c50ab6ff29c82560',1,'2026-11-23T00:15:33Z','2026-11-23T00:15:33Z','');
CREATE TABLE pitch_domain (
  domain_id BIGINT NOT NULL,               -- as refdomain.id, whether that row exists yet or not
  pitch_id  BIGINT NOT NULL REFERENCES pitch (id),
  PRIMARY KEY (domain_id, pitch_id)
);
INSERT INTO pitch_domain VALUES(2771915359560785565,2);
INSERT INTO pitch_domain VALUES(505989550466016220,3);
INSERT INTO pitch_domain VALUES(1945250025093325220,4);
INSERT INTO pitch_domain VALUES(5683900701918078614,1);
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
INSERT INTO pitch_event VALUES(1,1,'2026-11-23T00:15:33Z',0,'command line','created','','pitched','p010.csv:2');
INSERT INTO pitch_event VALUES(2,2,'2026-11-23T00:15:33Z',0,'command line','created','','accepted','p010.csv:3');
INSERT INTO pitch_event VALUES(3,3,'2026-11-23T00:15:33Z',0,'command line','created','','replied','p010.csv:4');
INSERT INTO pitch_event VALUES(4,4,'2026-11-23T00:15:33Z',0,'command line','created','','declined','p010.csv:5');
INSERT INTO pitch_event VALUES(5,1,'2026-11-23T00:16:18Z',1,'admin','status','pitched','landed','');
INSERT INTO pitch_event VALUES(6,1,'2026-11-23T00:16:18Z',1,'admin','edited','','Landed on, Live URL','');
INSERT INTO pitch_event VALUES(7,1,'2026-11-23T00:16:18Z',1,'admin','credited','','https://moss.example/ferns','');
CREATE TABLE pitch_total (
  site_id BIGINT NOT NULL REFERENCES site (id),
  status  TEXT NOT NULL,
  n       BIGINT NOT NULL,
  PRIMARY KEY (site_id, status)
);
INSERT INTO pitch_total VALUES(1,'accepted',1);
INSERT INTO pitch_total VALUES(1,'declined',1);
INSERT INTO pitch_total VALUES(1,'landed',1);
INSERT INTO pitch_total VALUES(1,'replied',1);
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
INSERT INTO link VALUES(311975649767856745,1,7115066193066756481,505989550466016220,7788916144915732608,'https://medium.com/@writer/shade-1','https://fern.example/guide','shade','Shade','','text',14,90.0,'DR',0,'2026-03-01','','2026-05-01','','','','ahrefs','');
INSERT INTO link VALUES(524409918499350174,1,8936232555062919044,2771915359560785565,8474633487575510799,'https://blog.paper.example/rooms','https://fern.example/','quiet rooms','Quiet rooms','','text',13,71.0,'DR',0,'2026-02-11','','2026-04-01','2026-04-02','unknown','','ahrefs','');
INSERT INTO link VALUES(3640246764420216081,1,6993642965990265264,505989550466016220,5214986599936580563,'https://medium.com/@other/shade-2','https://fern.example/guide','shade','Someone else','','text',14,90.0,'DR',0,'2026-03-02','','2026-05-01','','','','ahrefs','');
INSERT INTO link VALUES(6706173670377902300,1,1014808632323432178,5683900701918078614,5126650057300060756,'https://moss.example/ferns','https://fern.example/guide','ferns','Ferns in winter','','text',13,55.0,'DR',0,'2026-01-12','','2026-05-01','','','','ahrefs','');
INSERT INTO link VALUES(7668945020743440081,1,4641642793871904087,7713762104370375980,1745101204576387633,'https://stranger.example/list','https://fern.example/','fern.example','Organic','','text',13,30.0,'DR',0,'2026-03-05','','2026-05-01','','','','ahrefs','');
CREATE TABLE sighting (
  link_id    BIGINT NOT NULL REFERENCES link (id),
  provider   TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen  TEXT NOT NULL,
  lost_on    TEXT NOT NULL,
  PRIMARY KEY (link_id, provider)
);
CREATE TABLE link_event (
  id         INTEGER PRIMARY KEY,
  link_id    BIGINT NOT NULL REFERENCES link (id),
  at         TEXT NOT NULL,
  kind       TEXT NOT NULL,
  from_value TEXT NOT NULL DEFAULT '',
  to_value   TEXT NOT NULL DEFAULT ''
);
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
INSERT INTO credit VALUES(311975649767856745,1,7115066193066756481,'2026-03-01',0,0,'none','rejected',0,0,'[]',0,'',1,1,2);
INSERT INTO credit VALUES(524409918499350174,1,8936232555062919044,'2026-02-11',2,100,'credited','auto',0,1,'[{"code":"same_domain","points":50,"detail":"blog.paper.example"},{"code":"in_window","points":20,"detail":"8"},{"code":"target_exact","points":15,"detail":"fern.example"},{"code":"topic_match","points":8,"detail":"quiet, rooms"},{"code":"accepted","points":12,"detail":"accepted"},{"code":"only_pitch","points":8}]',0,'Spring',1,0,1);
INSERT INTO credit VALUES(6706173670377902300,1,1014808632323432178,'2026-01-12',1,100,'credited','confirmed',0,1,'[{"code":"same_host","points":60,"detail":"moss.example"},{"code":"in_window","points":20,"detail":"10"},{"code":"target_exact","points":15,"detail":"fern.example/guide"},{"code":"topic_match","points":8,"detail":"ferns, winter"},{"code":"only_pitch","points":8}]',0,'Spring',1,1,2);
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
INSERT INTO rejection VALUES(311975649767856745,3);
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
INSERT INTO decision VALUES(1,311975649767856745,'2026-11-23T00:16:18Z',1,'admin','reject',3,0,'auto','rejected',0,'','not ours',1);
INSERT INTO decision VALUES(2,6706173670377902300,'2026-11-23T00:16:18Z',1,'admin','confirm',1,1,'auto','confirmed',0,'{"pitch":1,"status":"pitched","landed_on":"","live_url":"","sent_on":"2026-01-02","replied_on":"","closed_on":"","follow_up_on":"","set_landed_on":"2026-01-12","set_live_url":"https://moss.example/ferns"}','seen it',1);
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
INSERT INTO refdomain VALUES(505989550466016220,1,'medium.com','2026-03-01',311975649767856745,'organic',2,2,90.0,'DR',-1,'');
INSERT INTO refdomain VALUES(2771915359560785565,1,'paper.example','2026-02-11',524409918499350174,'outreach',1,0,71.0,'DR',-1,'');
INSERT INTO refdomain VALUES(5683900701918078614,1,'moss.example','2026-01-12',6706173670377902300,'outreach',1,1,55.0,'DR',-1,'');
INSERT INTO refdomain VALUES(7713762104370375980,1,'stranger.example','2026-03-05',7668945020743440081,'organic',1,1,30.0,'DR',-1,'');
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
INSERT INTO snapshot VALUES(1,'2026-05-02','ahrefs',41.0,'DR',5,4,0,0,'2026-11-23T00:16:18Z');
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
INSERT INTO daily VALUES(1,'2026-01-12',1,0,1,1,0,1,0,0,1,1,0);
INSERT INTO daily VALUES(1,'2026-02-11',1,0,1,0,0,1,1,0,1,1,0);
INSERT INTO daily VALUES(1,'2026-03-01',1,0,0,0,0,0,0,0,1,0,0);
INSERT INTO daily VALUES(1,'2026-03-02',1,0,0,0,0,0,0,0,0,0,0);
INSERT INTO daily VALUES(1,'2026-03-05',1,0,0,0,0,0,0,0,1,0,0);
INSERT INTO daily VALUES(1,'2026-04-02',0,1,0,0,0,0,0,1,0,0,0);
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
INSERT INTO site_total VALUES(1,5,1,2,1,0,2,1,1,4,2,0);
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
INSERT INTO pitch_cohort VALUES(1,'2026-01',0,'Bo','Spring','2026-01-02','2026-01-02',1,1,1,1,1,1,'[10]','');
INSERT INTO pitch_cohort VALUES(1,'2026-02',0,'Bo','Spring','2026-02-03','2026-02-03',1,1,1,1,1,0,'[8]','');
INSERT INTO pitch_cohort VALUES(1,'2026-02',0,'Cy','Autumn','2026-02-20','2026-02-20',1,1,0,0,0,0,'','');
INSERT INTO pitch_cohort VALUES(1,'2025-12',0,'Cy','Autumn','2025-12-01','2025-12-01',1,1,0,0,0,0,'','');
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
INSERT INTO pitch_month VALUES(1,'2025-12','2025-12-01','2025-12-01',1,1,0,0,0,0,'','');
INSERT INTO pitch_month VALUES(1,'2026-01','2026-01-02','2026-01-02',1,1,1,1,1,1,'[10]','');
INSERT INTO pitch_month VALUES(1,'2026-02','2026-02-03','2026-02-20',2,2,1,1,1,0,'[8]','');
CREATE TABLE snapshot_month (
  site_id  BIGINT NOT NULL REFERENCES site (id),
  provider TEXT NOT NULL,
  metric   TEXT NOT NULL,
  month    TEXT NOT NULL,
  readings TEXT NOT NULL,                  -- day of the month, authority, referring domains; one reading a line
  PRIMARY KEY (site_id, provider, metric, month)
);
INSERT INTO snapshot_month VALUES(1,'ahrefs','DR','2026-05',replace('2 41 4\n','\n',char(10)));
CREATE TABLE placement_lost (
  site_id BIGINT NOT NULL REFERENCES site (id),
  day     TEXT NOT NULL,
  link_id BIGINT NOT NULL,
  reason  TEXT NOT NULL,
  PRIMARY KEY (site_id, day, link_id)
);
INSERT INTO placement_lost VALUES(1,'2026-04-02',524409918499350174,'unknown');
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
INSERT INTO sync_run VALUES(1,1,'done','2026-11-23T00:16:18Z','2026-11-23T00:16:18Z','','',2,100);
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
INSERT INTO sync_step VALUES(1,'overview',1,'','','','done',1,0,0,0,1,50);
INSERT INTO sync_step VALUES(1,'new_links',2,'2026-04-01','2026-05-02','','done',0,0,0,0,1,50);
CREATE TABLE sync_mark (
  site_id BIGINT NOT NULL REFERENCES site (id),
  step    TEXT NOT NULL,
  on_day  TEXT NOT NULL,
  PRIMARY KEY (site_id, step)
);
INSERT INTO sync_mark VALUES(1,'new_links','2026-05-01');
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
CREATE TABLE saved_mapping (
  kind        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  mapping     TEXT NOT NULL,
  PRIMARY KEY (kind, fingerprint)
);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
CREATE INDEX session_expiry ON session (expiry);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX audit_at ON audit (at DESC, id DESC);
CREATE INDEX outlet_alias_outlet ON outlet_alias (outlet_id);
CREATE INDEX outlet_alias_key ON outlet_alias (key);
CREATE INDEX pitch_sent ON pitch (site_id, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_status ON pitch (site_id, status, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_owner ON pitch (site_id, owner_id, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_campaign ON pitch (site_id, campaign, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_follow_up ON pitch (site_id, follow_up_on, id) WHERE deleted_at = '' AND follow_up_on <> '';
CREATE INDEX pitch_outlet ON pitch (outlet_id, sent_on DESC, id DESC) WHERE deleted_at = '';
CREATE INDEX pitch_domain_pitch ON pitch_domain (pitch_id);
CREATE INDEX pitch_event_pitch ON pitch_event (pitch_id, id DESC);
CREATE INDEX link_event_link ON link_event (link_id, id);
CREATE INDEX decision_link ON decision (link_id, id DESC);
CREATE INDEX sync_run_site ON sync_run (site_id, id DESC);
CREATE UNIQUE INDEX sync_run_open ON sync_run (site_id) WHERE state IN ('queued', 'running', 'waiting');
CREATE INDEX import_created ON import (created_at DESC, id DESC);
CREATE TRIGGER audit_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER decision_append_only_update BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decision_append_only_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE INDEX link_seen ON link (site_id, first_seen DESC, id DESC);
CREATE INDEX link_domain ON link (domain_id, key_id);
CREATE INDEX link_lost ON link (site_id, lost_on DESC, id DESC) WHERE lost_on <> '';
CREATE INDEX credit_state ON credit (site_id, state, first_seen DESC, link_id DESC);
CREATE INDEX credit_credited ON credit (site_id, first_seen DESC, link_id DESC) WHERE state IN ('auto', 'confirmed');
CREATE INDEX credit_pitch ON credit (pitch_id, first_seen DESC, link_id DESC);
CREATE UNIQUE INDEX refdomain_name ON refdomain (site_id, domain);
CREATE INDEX refdomain_seen ON refdomain (site_id, first_seen DESC, id DESC);
CREATE INDEX refdomain_class ON refdomain (site_id, class, first_seen DESC, id DESC) WHERE class <> 'organic';
COMMIT;
