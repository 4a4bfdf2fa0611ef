package store

// Stages of PitchFilter.Stage, in order. Each holds the pitches of the next.
var Stages = []string{"sent", "replied", "accepted", "placed"}

const hasCredit = `EXISTS (SELECT 1 FROM credit c WHERE c.pitch_id = p.id AND c.state IN ('auto', 'confirmed'))`

// cohort adds the conditions that a dashboard's figures link to. They say the
// same as Cohort.add.
func (f PitchFilter) cohort(w *where) {
	switch f.Stage {
	case "sent":
		w.add(`p.status <> 'draft' AND p.sent_on <> ''`)
	case "replied":
		w.add(`p.status <> 'draft' AND p.sent_on <> '' AND (p.replied_on <> '' OR p.status IN ('replied', 'accepted', 'landed', 'declined') OR ` + hasCredit + `)`)
	case "accepted":
		w.add(`p.status <> 'draft' AND p.sent_on <> '' AND (p.status IN ('accepted', 'landed') OR ` + hasCredit + `)`)
	case "placed":
		w.add(`p.status <> 'draft' AND p.sent_on <> '' AND ` + hasCredit)
	}
	if f.OwnerName != "" {
		w.add(`+p.owner_id = 0 AND p.owner_name = ? AND p.owner_name <> ''`, f.OwnerName) // the latter tells SQLite that pitch_owner_name has them all
	}
	if f.NoOwner {
		w.add(`p.owner_id = 0 AND p.owner_name = ''`)
	}
	if f.NoCampaign {
		w.add(`p.campaign = ''`)
	}
}
