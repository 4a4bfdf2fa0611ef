// Package report turns rows that the store has counted into the figures and
// series that people read: it cuts periods, fills gaps, splits wholes into parts
// that sum to them, and keeps back rates that rest on too few cases. It is pure:
// no clock, no database.
package report
