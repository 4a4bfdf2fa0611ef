-- +goose Up
-- What a link that waits is worth looking at: its score, then the authority of
-- its source. 0 in every other state. It is a column so that an index can give
-- the order of the review queue.
ALTER TABLE credit ADD COLUMN worth BIGINT NOT NULL DEFAULT 0;
UPDATE credit SET worth = score * 1001 + COALESCE((SELECT CAST((CASE WHEN l.authority > 100 THEN 100 WHEN l.authority < 0 THEN 0 ELSE l.authority END) * 10 + 0.5 AS INTEGER)
  FROM link l WHERE l.id = credit.link_id), 0) WHERE state IN ('suggested', 'possible');
CREATE INDEX credit_queue ON credit (site_id, state, worth DESC, first_seen DESC, link_id DESC) WHERE state IN ('suggested', 'possible');
CREATE INDEX credit_queue_owner ON credit (site_id, state, owner_id, worth DESC, first_seen DESC, link_id DESC) WHERE state IN ('suggested', 'possible');

-- Decisions made at once carry the id of the first of them, and are undone at once.
ALTER TABLE decision ADD COLUMN batch BIGINT NOT NULL DEFAULT 0;
CREATE INDEX decision_batch ON decision (batch, id) WHERE batch <> 0;
CREATE INDEX decision_undoes ON decision (undoes) WHERE undoes <> 0;
CREATE INDEX decision_at ON decision (at DESC, id DESC);
CREATE INDEX decision_account ON decision (account_id, at DESC, id DESC);
CREATE INDEX decision_kind ON decision (kind, at DESC, id DESC);
CREATE INDEX decision_from ON decision (from_pitch, id DESC) WHERE from_pitch <> 0;
CREATE INDEX decision_to ON decision (to_pitch, id DESC) WHERE to_pitch <> 0;

-- What a person says of every link of an outlet, now and later: that it is our
-- own, a partner's, or spam. Ended rules stay: the table is their log.
CREATE TABLE outlet_mark (
  id         INTEGER PRIMARY KEY,
  site_id    BIGINT NOT NULL REFERENCES site (id),
  domain_id  BIGINT NOT NULL,               -- as refdomain.id
  key_id     BIGINT NOT NULL,               -- as link.key_id
  key        TEXT NOT NULL,                 -- the outlet key, to be shown
  kind       TEXT NOT NULL,                 -- owned, partner, spam
  note       TEXT NOT NULL DEFAULT '',
  at         TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  who        TEXT NOT NULL,
  ended_at   TEXT NOT NULL DEFAULT '',
  ended_by   TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX outlet_mark_standing ON outlet_mark (site_id, key_id) WHERE ended_at = '';
