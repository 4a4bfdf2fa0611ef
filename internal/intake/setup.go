package intake

import (
	"encoding/json"
	"fmt"

	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
)

// The kinds of import and the states that one goes through, as the store keeps
// them: uploaded, then queued and running, then done or failed. A failed one may
// be run again.
const (
	KindPitches = "pitches"
	KindLinks   = "links"

	Uploaded = "uploaded"
	Queued   = "queued"
	Running  = "running"
	Done     = "done"
	Failed   = "failed"
)

// Setup is how one upload is to be read, as it was recognised and as a person
// changed it. It is kept with the import as store.Import.Mapping.
type Setup struct {
	Format string `json:"format"` // in words
	Rows   int    `json:"rows"`   // of the file; 0 = not counted yet
	// Ready says that nothing is left to ask.
	Ready bool `json:"ready"`

	// Of a pitch list.
	Fingerprint string          `json:"fingerprint,omitempty"`
	Mapping     pitches.Mapping `json:"mapping"`
	Policy      pitches.Policy  `json:"policy,omitempty"`
	Campaign    string          `json:"campaign,omitempty"`
	OwnerID     int64           `json:"owner_id,omitempty"`
	OwnerName   string          `json:"owner_name,omitempty"`
	Currency    string          `json:"currency,omitempty"`

	// Of a backlink export.
	DateOrder tabular.DateOrder `json:"date_order,omitempty"`
	Question  string            `json:"question,omitempty"` // about the order of its dates
	// Dry is what a dry run found when the file was uploaded. It is kept because
	// a dry run of links takes the database for itself while it lasts.
	Dry *LinksResult `json:"dry,omitempty"`
}

// Text is the setup as the store keeps it.
func (s Setup) Text() (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("setup of an import: %w", err)
	}
	return string(b), nil
}

// SetupOf reads the setup of an import.
func SetupOf(m store.Import) (Setup, error) {
	var s Setup
	if m.Mapping == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(m.Mapping), &s); err != nil {
		return s, fmt.Errorf("setup of import %d: %w", m.ID, err)
	}
	return s, nil
}

// Options are the options for Pitches that the setup of an import stands for.
func (s Setup) Options(m store.Import, today day.Day) PitchesOptions {
	return PitchesOptions{
		Mapping: s.Mapping, Policy: s.Policy, File: m.FileName, Today: today,
		Default: pitches.Defaults{Campaign: s.Campaign, OwnerID: s.OwnerID, OwnerName: s.OwnerName, Currency: s.Currency},
	}
}
