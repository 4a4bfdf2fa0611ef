package store

// worthOf orders what waits for a person: the surest score first, of equal ones
// the source with the higher authority. The later of two equal days comes first
// then, which the index knows by itself. Migration 0005 has the same in SQL.
func worthOf(score int, authority float64) int64 {
	return int64(score)*1001 + int64(min(max(authority, 0), 100)*10+0.5)
}

// setWorth follows a new authority of the link $1, of which $2 is the part in worth.
const setWorth = `UPDATE credit SET worth = score * 1001 + $2 WHERE link_id = $1 AND state IN ('suggested', 'possible')`
