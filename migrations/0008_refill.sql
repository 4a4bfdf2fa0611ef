-- +goose Up
-- Figures that came with the migrations before have no rows yet; the program
-- counts them the first time that it opens the database.
INSERT INTO config (key, value) VALUES ('figures.stale', 'yes');
