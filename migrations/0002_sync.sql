-- +goose Up
-- What a sync costs, why it runs and when the next one is due.

ALTER TABLE sync_run ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_run ADD COLUMN endpoints TEXT NOT NULL DEFAULT '';       -- the provider's endpoint set, where it has several
ALTER TABLE sync_run ADD COLUMN cause TEXT NOT NULL DEFAULT '';           -- schedule, manual, command; '' = from before this was noted
ALTER TABLE sync_run ADD COLUMN account_id BIGINT NOT NULL DEFAULT 0;     -- who asked for it
ALTER TABLE sync_run ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_run ADD COLUMN years BIGINT NOT NULL DEFAULT 0;          -- of history that were asked for; 0 = as usual
ALTER TABLE sync_run ADD COLUMN forecast_requests BIGINT NOT NULL DEFAULT -1;
ALTER TABLE sync_run ADD COLUMN forecast_units BIGINT NOT NULL DEFAULT -1; -- -1 = nobody could say
ALTER TABLE sync_run ADD COLUMN cap_units BIGINT NOT NULL DEFAULT 0;      -- most units of one sitting; 0 = no cap
ALTER TABLE sync_run ADD COLUMN cap_from BIGINT NOT NULL DEFAULT 0;       -- units of the run when the sitting began
ALTER TABLE sync_run ADD COLUMN reserved_units BIGINT NOT NULL DEFAULT 0; -- price of the request under way
ALTER TABLE sync_run ADD COLUMN wait_for TEXT NOT NULL DEFAULT '';        -- of a waiting run: provider, month, run, stop
ALTER TABLE sync_run ADD COLUMN cancel_at TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_run ADD COLUMN cancel_by TEXT NOT NULL DEFAULT '';
CREATE INDEX sync_run_running ON sync_run (id) WHERE state = 'running';
CREATE INDEX sync_run_waiting ON sync_run (wait_until) WHERE state = 'waiting';
CREATE INDEX sync_run_done ON sync_run (site_id, id DESC) WHERE state = 'done';

-- Links that a check of days already pulled brought up, see docs/sync.md.
ALTER TABLE sync_step ADD COLUMN late_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_step ADD COLUMN settled_on TEXT NOT NULL DEFAULT ''; -- days before this were pulled whole before

-- One line for each request to a provider.
CREATE TABLE sync_request (
  id        INTEGER PRIMARY KEY,
  run_id    BIGINT NOT NULL REFERENCES sync_run (id),
  step      TEXT NOT NULL,
  at        TEXT NOT NULL,             -- when it was sent
  endpoint  TEXT NOT NULL,
  status    BIGINT NOT NULL,           -- HTTP status; 0 = no answer
  ok        BOOLEAN NOT NULL,
  outcome   TEXT NOT NULL,             -- in words
  row_count BIGINT NOT NULL,
  units     BIGINT NOT NULL,
  cached    BOOLEAN NOT NULL,          -- the provider had the answer ready and charged nothing
  ms        BIGINT NOT NULL
);
CREATE INDEX sync_request_run ON sync_request (run_id, id);

-- Requests and units by calendar month (UTC) and site, kept with the writes.
CREATE TABLE unit_month (
  month    TEXT NOT NULL,              -- 2026-03
  site_id  BIGINT NOT NULL REFERENCES site (id),
  requests BIGINT NOT NULL,
  units    BIGINT NOT NULL,
  PRIMARY KEY (month, site_id)
);
CREATE INDEX unit_month_site ON unit_month (site_id, month);

INSERT INTO unit_month (month, site_id, requests, units)
  SELECT substr(started_at, 1, 7), site_id, SUM(requests), SUM(units) FROM sync_run GROUP BY 1, 2;

CREATE TABLE sync_schedule (
  site_id BIGINT PRIMARY KEY REFERENCES site (id),
  days    BIGINT NOT NULL DEFAULT 0,   -- between two syncs: 1, 7, 14, 28; 0 = the workspace's usual
  weekday BIGINT NOT NULL DEFAULT 1,   -- 0 = Sunday; without meaning when days is 1
  hour    BIGINT NOT NULL DEFAULT 6,
  zone    TEXT NOT NULL DEFAULT 'UTC', -- IANA name
  paused  BOOLEAN NOT NULL DEFAULT FALSE,
  next_at TEXT NOT NULL DEFAULT ''     -- '' = not planned yet
);
CREATE INDEX sync_schedule_next ON sync_schedule (next_at) WHERE NOT paused;

INSERT INTO sync_schedule (site_id) SELECT id FROM site;
