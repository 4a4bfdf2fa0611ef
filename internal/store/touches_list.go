package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"landed/internal/attribution"
	"landed/internal/day"
)

// TouchFilter says whose placements a list shows.
type TouchFilter struct {
	Site     int64
	From, To day.Day // first seen
	Model    attribution.Model
	// Of what is asked for: a person with an account, one without, a campaign. With
	// none set, everybody's.
	OwnerID    int64
	OwnerName  string
	NoOwner    bool
	Campaign   string
	NoCampaign bool
	After      string
	Limit      int
}

func (f *TouchFilter) has(t *frozen) bool {
	switch {
	case f.OwnerID != 0:
		return t.owner == f.OwnerID
	case f.OwnerName != "":
		return t.owner == 0 && t.ownerName == f.OwnerName
	case f.NoOwner:
		return t.owner == 0 && t.ownerName == ""
	case f.Campaign != "":
		return t.campaign == f.Campaign
	case f.NoCampaign:
		return t.campaign == ""
	}
	return true
}

// TouchRow is a pitch's part in a placement.
type TouchRow struct {
	LinkID, PitchID int64
	Source, Title   string
	Subject, Outlet string // of the pitch
	OwnerID         int64
	Owner, Campaign string // as they were when the link was credited
	FirstSeen       day.Day
	Parts           int64 // of attribution.Whole
	Among           int   // pitches that had a part in the placement
	Credited        bool  // else an assist
	Confirmed       bool
}

// TouchPage is one page of a list of parts in placements, latest first.
type TouchPage struct {
	Rows []TouchRow
	Next string
}

// touchesAtOnce is how many placements are looked through at a time.
const touchesAtOnce = 200

// ListTouches lists the parts that a person or campaign has in placements.
func (s *Store) ListTouches(ctx context.Context, f TouchFilter) (TouchPage, error) {
	var page TouchPage
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	at := cursor{f.To.String() + "~", 0}
	if f.After != "" {
		var err error
		if at, err = parseCursor(f.After); err != nil {
			return page, err
		}
	}
	for {
		list, err := s.placementsBefore(ctx, f, at)
		if err != nil {
			return page, classify(err, "placements")
		}
		for _, p := range list {
			full := len(page.Rows) >= f.Limit
			for i, parts := range attribution.Shares(f.Model, p.touches) {
				if parts > 0 && f.has(&p.frozen[i]) {
					if full {
						page.Next = cursor{page.Rows[len(page.Rows)-1].FirstSeen.String(), page.Rows[len(page.Rows)-1].LinkID}.String()
						return page, classify(s.describeTouches(ctx, page.Rows), "placements")
					}
					page.Rows = append(page.Rows, TouchRow{LinkID: p.link, PitchID: p.touches[i].PitchID, Parts: parts, Credited: p.touches[i].Credited, FirstSeen: dayOf(p.firstSeen),
						OwnerID: p.frozen[i].owner, Owner: p.frozen[i].ownerName, Campaign: p.frozen[i].campaign, Among: len(p.touches)})
				}
			}
			at = cursor{p.firstSeen, p.link}
		}
		if len(list) < touchesAtOnce {
			return page, classify(s.describeTouches(ctx, page.Rows), "placements")
		}
	}
}

// placementsBefore reads the next placements of a period in descending order.
func (s *Store) placementsBefore(ctx context.Context, f TouchFilter, at cursor) ([]*placement, error) {
	var out []*placement
	byLink := map[int64]*placement{}
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		p := &placement{touches: make([]attribution.Touch, 1), frozen: make([]frozen, 1)}
		c := &p.frozen[0]
		err := rows.Scan(&p.link, &p.firstSeen, &p.touches[0].PitchID, &c.owner, &c.ownerName, &c.campaign, &c.sentOn)
		p.touches[0].Credited, p.touches[0].SentOn = true, dayOf(c.sentOn)
		out, byLink[p.link] = append(out, p), p
		return err
	}, `SELECT c.link_id, c.first_seen, c.pitch_id, c.owner_id, c.owner_name, c.campaign, c.sent_on FROM credit c WHERE c.site_id = $1 AND c.state IN ('auto', 'confirmed')
		AND c.lead AND c.first_seen >= $2 AND (c.first_seen, c.link_id) < ($3, $4) ORDER BY c.first_seen DESC, c.link_id DESC LIMIT $5`,
		f.Site, f.From.String(), at.text, at.id, touchesAtOnce)
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, each(ctx, s.read, func(rows *sql.Rows) error {
		var link int64
		var t attribution.Touch
		var a frozen
		err := rows.Scan(&link, &t.PitchID, &a.owner, &a.ownerName, &a.campaign, &a.sentOn)
		t.SentOn = dayOf(a.sentOn)
		p := byLink[link]
		p.touches, p.frozen = append(p.touches, t), append(p.frozen, a)
		return err
	}, `SELECT link_id, pitch_id, owner_id, owner_name, campaign, sent_on FROM assist WHERE link_id IN `+marks(1, len(byLink))+` ORDER BY link_id, pitch_id`,
		anys(slices.Sorted(maps.Keys(byLink)))...)
}

// describeTouches fills in what a page of them shows of links, pitches and people.
func (s *Store) describeTouches(ctx context.Context, list []TouchRow) error {
	for i := range list {
		r := &list[i]
		var confirmed, name string
		err := s.read.QueryRowContext(ctx, `SELECT l.source_url, l.title, c.state, COALESCE(p.subject, ''), COALESCE(o.key, ''), COALESCE(a.name, '')
			FROM link l JOIN credit c ON c.link_id = l.id LEFT JOIN pitch p ON p.id = $2 LEFT JOIN outlet o ON o.id = p.outlet_id LEFT JOIN account a ON a.id = $3
			WHERE l.id = $1`, r.LinkID, r.PitchID, r.OwnerID).Scan(&r.Source, &r.Title, &confirmed, &r.Subject, &r.Outlet, &name)
		if err == sql.ErrNoRows {
			continue
		}
		if err != nil {
			return err
		}
		if name != "" {
			r.Owner = name
		}
		r.Confirmed = State(confirmed) == StateConfirmed
	}
	return nil
}
