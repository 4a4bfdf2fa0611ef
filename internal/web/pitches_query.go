package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
)

const (
	pitchesPerPage = 50
	pitchesAtOnce  = 500 // that one bulk change takes
)

// pitchQuery is what the address of a list of pitches says. What it does not
// understand it leaves out, so that an old bookmark shows more rather than
// nothing.
type pitchQuery struct {
	Text, Owner, Campaign string // Owner is "me", the id of an account or ""
	Status                pitches.Status
	Outlet                int64
	From, To              day.Day
	Due, Placed, Overdue  bool
	Stage                 string // of store.Stages: got at least as far
	Person                string // an owner by name, who has no account
	NoOwner, NoCampaign   bool
	After                 string
	Back                  bool
}

func parsePitchQuery(v url.Values) pitchQuery {
	q := pitchQuery{Text: cut(strings.TrimSpace(v.Get("q")), 200), Campaign: cut(v.Get("campaign"), 800),
		Due: v.Get("due") == "1", Placed: v.Get("placed") == "1", Overdue: v.Get("overdue") == "1"}
	if st := pitches.Status(v.Get("status")); st.Valid() {
		q.Status = st
	}
	if st := v.Get("stage"); slices.Contains(store.Stages, st) {
		q.Stage = st
	}
	q.Person, q.NoCampaign, q.NoOwner = cut(v.Get("person"), 300), v.Get("nocampaign") == "1", v.Get("owner") == "none"
	if v.Get("owner") == "me" {
		q.Owner = "me"
	} else if id := positive(v.Get("owner")); id > 0 {
		q.Owner = strconv.FormatInt(id, 10)
	}
	q.Outlet = positive(v.Get("outlet"))
	q.From, _ = day.Parse(v.Get("from"))
	q.To, _ = day.Parse(v.Get("to"))
	if q.After = v.Get("after"); q.After == "" {
		q.After, q.Back = v.Get("before"), v.Get("before") != ""
	}
	return q
}

// positive reads an id; 0 when it is none.
func positive(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// first is the first page of the same list.
func (q pitchQuery) first() pitchQuery {
	q.After, q.Back = "", false
	return q
}

func (q pitchQuery) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Text)
	set("status", string(q.Status))
	set("owner", q.Owner)
	set("campaign", q.Campaign)
	if q.Outlet != 0 {
		set("outlet", strconv.FormatInt(q.Outlet, 10))
	}
	set("from", q.From.String())
	set("to", q.To.String())
	if q.Due {
		set("due", "1")
	}
	set("stage", q.Stage)
	set("person", q.Person)
	if q.NoOwner {
		set("owner", "none")
	}
	if q.NoCampaign {
		set("nocampaign", "1")
	}
	if q.Overdue {
		set("overdue", "1")
	}
	if q.Placed {
		set("placed", "1")
	}
	if q.Back {
		set("before", q.After)
	} else {
		set("after", q.After)
	}
	return v
}

// at is the address of the list under a path.
func (q pitchQuery) at(path string) string {
	if v := q.values(); len(v) > 0 {
		return path + "?" + v.Encode()
	}
	return path
}

func (q pitchQuery) String() string { return q.at("/pitches") }

// filter is the query for the store, for who asks on a day.
func (q pitchQuery) filter(site, me int64, today day.Day) store.PitchFilter {
	f := store.PitchFilter{Site: site, Status: q.Status, Campaign: q.Campaign, Outlet: q.Outlet, Query: q.Text, SentFrom: q.From, SentTo: q.To,
		Placed: q.Placed, Stage: q.Stage, OwnerName: q.Person, NoOwner: q.NoOwner, NoCampaign: q.NoCampaign, After: q.After, Back: q.Back, Limit: pitchesPerPage}
	if q.Owner == "me" {
		f.Owner = me
	} else {
		f.Owner = positive(q.Owner)
	}
	if q.Due {
		f.FollowUpBy = today
	}
	return f
}
