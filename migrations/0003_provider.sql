-- +goose Up

-- What only its master key opens, such as the token of a provider. The key is
-- never in the database: a copy of it gives nothing away.
CREATE TABLE secret (
  id        INTEGER PRIMARY KEY,
  purpose   TEXT NOT NULL,             -- bound into the seal with id
  key_id    TEXT NOT NULL,             -- which master key sealed it
  sealed    TEXT NOT NULL,             -- base64 of nonce and ciphertext
  last_four TEXT NOT NULL,             -- shown, so that people tell tokens apart
  saved_at  TEXT NOT NULL,
  saved_by  TEXT NOT NULL              -- the name at that time
);
CREATE UNIQUE INDEX secret_purpose ON secret (purpose);

-- How a provider is asked, and what it last said about its token.
CREATE TABLE provider (
  name        TEXT PRIMARY KEY,
  endpoints   TEXT NOT NULL DEFAULT '', -- the set that was chosen; '' = the server's setting
  tested_at   TEXT NOT NULL DEFAULT '', -- the last test of the connection; '' = never, or not of this token
  test        TEXT NOT NULL DEFAULT '', -- JSON: what it said
  changed_at  TEXT NOT NULL DEFAULT '',
  changed_by  TEXT NOT NULL DEFAULT '',
  version     BIGINT NOT NULL DEFAULT 1
);

-- The list of runs is read by when they began, not by when they were written down.
CREATE INDEX sync_run_started ON sync_run (started_at DESC, id DESC);
CREATE INDEX sync_run_site_started ON sync_run (site_id, started_at DESC, id DESC);
