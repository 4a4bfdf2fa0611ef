-- +goose Up
-- With the domain in it, a list that is narrowed to domains by how their names
-- begin walks this index alone and reads only the links that it shows.
DROP INDEX link_seen;
CREATE INDEX link_seen ON link (site_id, first_seen DESC, id DESC, domain_id);
