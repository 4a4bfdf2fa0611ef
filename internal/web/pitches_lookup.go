package web

import (
	"net/http"
	"strings"

	"landed/internal/auth"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/weburl"
	"landed/templates"

	"github.com/a-h/templ"
)

// coolDown is for how many days after a pitch another one to the same outlet is
// warned of.
const coolDown = 30

// dayCount is a number of days to add to a day.
func dayCount(n int) day.Day { return day.Day(n) }

// outletFacts is what is known of the outlet that was typed: who pitched it,
// when, how that ended, and whether it links already.
func (s *Server) outletFacts(r *http.Request, site store.Site, typed string) (templ.Component, error) {
	if typed == "" {
		return templates.OutletFacts(nil), nil
	}
	known, err := s.Store.OutletByTyped(r.Context(), site.ID, typed)
	if invalid(err) {
		return templates.OutletFacts([]templates.OutletFact{{Kind: "bad", Text: "Enter a domain, such as example.com. " + fault.Message(err)}}), nil
	}
	if err != nil {
		return nil, err
	}
	var facts []templates.OutletFact
	if known.Outlet.DoNotContact {
		text := "Marked do not contact. A manager can log a pitch to it all the same."
		if s.currentUser(r).Role.AtLeast(auth.Manager) {
			text = "Marked do not contact."
		}
		o, err := s.Store.Outlet(r.Context(), known.Outlet.ID)
		if err != nil {
			return nil, err
		}
		if why := noContactWords(o); why != "" {
			text += " " + why
		}
		facts = append(facts, templates.OutletFact{Kind: "bad", Text: text})
	}
	record, err := s.Store.OutletRecord(r.Context(), site.ID, known.Outlet.ID)
	if err != nil {
		return nil, err
	}
	facts = append(facts, s.outletHistory(known, record))
	if known.Links > 0 {
		text := counted(known.Links, "live link", "live links") + " from them to " + site.Host
		if known.First.Known() {
			text += ", the first since " + longDay(known.First).Text
		}
		facts = append(facts, templates.OutletFact{Kind: "good", Text: text + "."})
	}
	if page, err := s.Store.Platforms().Outlet(typed); err == nil && page.Outlet.Scope == weburl.ScopeBare {
		facts = append(facts, templates.OutletFact{Kind: "warn", Text: "Many authors write on " + weburl.Display(known.Outlet.Key) + ". Add the author’s page, so that their links can be told apart."})
	}
	return templates.OutletFacts(facts), nil
}

// outletHistory is one line: the latest pitch to the outlet, and a warning when
// it is still open or was within the cool-down.
func (s *Server) outletHistory(known store.OutletHistory, record store.OutletRecord) templates.OutletFact {
	lead := ""
	if score, _ := drText(known.Outlet.Authority, known.Outlet.Metric); score != "" {
		lead = strings.TrimSpace(known.Outlet.Metric+" "+score) + ". "
	}
	if len(known.Pitches) == 0 {
		return templates.OutletFact{Kind: "good", Text: lead + "Nobody has pitched " + weburl.Display(known.Outlet.Key) + " yet."}
	}
	p := &known.Pitches[0].Pitch
	f := templates.OutletFact{Kind: "good", Text: lead + lastPitch(p, s.today()), Link: templates.Link{Label: "Open that pitch", Href: pitchPath(p.ID)}}
	if openPitch(p.Status) || p.Status == pitches.Draft || p.SentOn.Known() && s.today()-p.SentOn < coolDown {
		f.Kind = "warn"
	}
	if record.Pitches > 1 {
		f.Text += " " + counted(record.Pitches, "pitch", "pitches") + " to them in all, " + grouped(record.Landed) + " landed."
	}
	return f
}

// lastPitch is "Tom pitched them 41 days ago: “Payroll errors”, no reply."
func lastPitch(p *pitches.Pitch, today day.Day) string {
	who := p.OwnerName
	if who == "" {
		who = "Somebody"
	}
	text := who + " pitched them " + ago(p.SentOn, today)
	if !p.SentOn.Known() {
		text = who + " has a pitch to them that is not sent yet"
	}
	if p.Subject != "" {
		text += ": “" + p.Subject + "”"
	}
	switch p.Status {
	case pitches.Pitched:
		return text + ", no answer yet."
	case pitches.Draft:
		return text + "."
	case pitches.Landed:
		return text + ", and it landed."
	}
	return text + ", " + strings.ToLower(p.Status.Label()) + "."
}
