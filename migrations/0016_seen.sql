-- +goose Up
-- Site and day of what was first seen as one number that orders as the two do: the
-- site, and in 22 bits the days since the beginning of the year 0, or 0 for an unknown
-- day. An index that begins with it takes two thirds of the time to make. y and m are
-- the year and the month of a calendar that begins in March, so that leap days come last.
DROP INDEX link_seen;
ALTER TABLE link ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
UPDATE link SET seen = site_id * 4194304 + CASE WHEN first_seen = '' THEN 0 ELSE (SELECT
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d + 59
    FROM (SELECT CAST(substr(first_seen, 1, 4) AS INTEGER) + (CAST(substr(first_seen, 6, 2) AS INTEGER) + 9) / 12 - 1 AS y,
        (CAST(substr(first_seen, 6, 2) AS INTEGER) + 9) % 12 AS m, CAST(substr(first_seen, 9, 2) AS INTEGER) AS d) AS t) END;
CREATE INDEX link_seen ON link (seen DESC, id DESC, domain_id);

DROP INDEX refdomain_seen;
DROP INDEX refdomain_class;
ALTER TABLE refdomain ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
UPDATE refdomain SET seen = site_id * 4194304 + CASE WHEN first_seen = '' THEN 0 ELSE (SELECT
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d + 59
    FROM (SELECT CAST(substr(first_seen, 1, 4) AS INTEGER) + (CAST(substr(first_seen, 6, 2) AS INTEGER) + 9) / 12 - 1 AS y,
        (CAST(substr(first_seen, 6, 2) AS INTEGER) + 9) % 12 AS m, CAST(substr(first_seen, 9, 2) AS INTEGER) AS d) AS t) END;
CREATE INDEX refdomain_seen ON refdomain (seen DESC, id DESC);
CREATE INDEX refdomain_class ON refdomain (class, seen DESC, id DESC) WHERE class <> 'organic';
