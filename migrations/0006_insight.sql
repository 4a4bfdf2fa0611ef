-- +goose Up
-- What the rules proposed when a person decided. Empty in decisions that are older
-- than these columns, and where no proposal of the rules stood.
ALTER TABLE decision ADD COLUMN band_before TEXT NOT NULL DEFAULT '';    -- credited, suggested, contested, possible
ALTER TABLE decision ADD COLUMN score_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE decision ADD COLUMN reasons_before TEXT NOT NULL DEFAULT ''; -- JSON, as credit.reasons

-- What people's standing decisions say of the rules' proposals: a copy of the
-- decision log, kept with the writes, in the order in which a page asks for it.
CREATE TABLE verdict (
  decision_id INTEGER PRIMARY KEY REFERENCES decision (id),
  site_id     BIGINT NOT NULL,
  link_id     BIGINT NOT NULL REFERENCES link (id),
  pitch_id    BIGINT NOT NULL,           -- the pitch that the rules proposed
  at          TEXT NOT NULL,
  band        TEXT NOT NULL,
  score       BIGINT NOT NULL,
  automatic   BOOLEAN NOT NULL,          -- the score alone decided whether it was credited automatically
  is_right    BOOLEAN NOT NULL           -- the person agreed
);
CREATE INDEX verdict_site ON verdict (site_id, at DESC, decision_id DESC);
CREATE INDEX verdict_band ON verdict (site_id, band, is_right);
CREATE INDEX verdict_score ON verdict (site_id, automatic, score, is_right);
CREATE INDEX verdict_link ON verdict (link_id);

CREATE TABLE verdict_reason (
  site_id     BIGINT NOT NULL,
  code        TEXT NOT NULL,
  is_right    BOOLEAN NOT NULL,
  decision_id BIGINT NOT NULL REFERENCES verdict (decision_id),
  PRIMARY KEY (site_id, code, is_right, decision_id)
);
CREATE INDEX verdict_reason_decision ON verdict_reason (decision_id);

-- Open proposals that the score alone decides, for "what a lower threshold would
-- have credited". The condition is that of automaticCredit in the store.
CREATE INDEX credit_automatic ON credit (site_id, first_seen DESC, link_id DESC, score) WHERE state IN ('auto', 'suggested') AND NOT contested
  AND reasons NOT LIKE '%"not_editorial"%' ESCAPE '\' AND reasons NOT LIKE '%"no_date"%' ESCAPE '\'
  AND reasons NOT LIKE '%"undated_link"%' ESCAPE '\' AND reasons NOT LIKE '%"unscoped_platform"%' ESCAPE '\'
  AND reasons NOT LIKE '%"unspecific"%' ESCAPE '\' AND reasons NOT LIKE '%"doubted"%' ESCAPE '\'
  AND reasons NOT LIKE '%"other_section"%' ESCAPE '\' AND reasons NOT LIKE '%"linked_before"%' ESCAPE '\';

-- Who and what a credit and its assists are counted for, frozen with the credit:
-- editing the pitch later moves nothing.
ALTER TABLE credit ADD COLUMN owner_name TEXT NOT NULL DEFAULT '';  -- of an owner without an account
ALTER TABLE credit ADD COLUMN sent_on TEXT NOT NULL DEFAULT '';
ALTER TABLE assist ADD COLUMN owner_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assist ADD COLUMN owner_name TEXT NOT NULL DEFAULT '';
ALTER TABLE assist ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE assist ADD COLUMN sent_on TEXT NOT NULL DEFAULT '';
UPDATE credit SET sent_on = COALESCE((SELECT p.sent_on FROM pitch p WHERE p.id = credit.pitch_id), ''),
  owner_name = COALESCE((SELECT p.owner_name FROM pitch p WHERE p.id = credit.pitch_id AND p.owner_id = 0), '');
UPDATE assist SET owner_id = COALESCE((SELECT p.owner_id FROM pitch p WHERE p.id = assist.pitch_id), 0),
  owner_name = COALESCE((SELECT p.owner_name FROM pitch p WHERE p.id = assist.pitch_id AND p.owner_id = 0), ''),
  campaign = COALESCE((SELECT p.campaign FROM pitch p WHERE p.id = assist.pitch_id), ''),
  sent_on = COALESCE((SELECT p.sent_on FROM pitch p WHERE p.id = assist.pitch_id), '');

-- Placements by the month in which they were first seen and by whom and what they
-- are credited to, once for each way of crediting. A placement is 720720 parts,
-- which 2 to 16 pitches can share without a rest. first_on and last_on say whether
-- a period has all of a row.
CREATE TABLE touch_month (
  site_id      BIGINT NOT NULL REFERENCES site (id),
  month        TEXT NOT NULL,             -- 2026-03; '' without a date
  owner_id     BIGINT NOT NULL,
  owner_name   TEXT NOT NULL,
  campaign     TEXT NOT NULL,
  first_on     TEXT NOT NULL,
  last_on      TEXT NOT NULL,
  last_parts   BIGINT NOT NULL,
  first_parts  BIGINT NOT NULL,
  linear_parts BIGINT NOT NULL,
  PRIMARY KEY (site_id, month, owner_id, owner_name, campaign)
);

-- Pages that repeat the article of a placement. A credited one is no placement
-- of its own: none of its credits has the lead.
CREATE TABLE copy (
  page_id       BIGINT PRIMARY KEY,
  site_id       BIGINT NOT NULL REFERENCES site (id),
  link_id       BIGINT NOT NULL REFERENCES link (id), -- the page's first link
  first_seen    TEXT NOT NULL,
  original_page BIGINT NOT NULL,
  original_link BIGINT NOT NULL REFERENCES link (id), -- the placement
  reason        TEXT NOT NULL,
  credited      BOOLEAN NOT NULL
);
CREATE INDEX copy_seen ON copy (site_id, first_seen DESC, link_id DESC);
CREATE INDEX copy_original ON copy (original_page);
CREATE INDEX copy_credited ON copy (site_id, page_id) WHERE credited;

-- Decisions that are older than what the log keeps of proposals: they are said to be
-- missing, not counted.
CREATE INDEX decision_older ON decision (link_id) WHERE band_before = '' AND kind <> 'undo' AND from_state IN ('auto', 'suggested', 'possible');
