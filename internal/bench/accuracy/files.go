package main

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"landed/internal/backlinks"
	"landed/internal/day"
)

// spelling writes addresses the way providers have them and remembers what
// each one stands for.
type spelling struct {
	w       *world
	pages   map[string]string // page by the address written
	targets map[string]string
}

func newSpelling(w *world) *spelling {
	return &spelling{w: w, pages: map[string]string{}, targets: map[string]string{}}
}

func (s *spelling) source(l *link) string {
	w := s.w
	host, path, _ := strings.Cut(l.page, "/")
	if path != "" {
		path = "/" + path
	}
	if l.intl && w.maybe(0.5) {
		if ascii, err := idna.ToASCII(host); err == nil {
			host = ascii
		}
	}
	if l.www && w.maybe(0.4) {
		host = "www." + host
	}
	query := strings.Contains(path, "?")
	switch {
	case l.amp && !query && w.maybe(0.3):
		path += "/amp"
	case !query && w.maybe(0.3):
		path += "/"
	}
	if w.maybe(0.04) {
		path += map[bool]string{false: "?", true: "&"}[query] + "utm_source=feed"
	}
	url := w.one("https://", "https://", "https://", "http://") + host + path
	if l.amp && !l.intl && w.maybe(0.2) {
		url = "https://" + strings.ReplaceAll(strings.ReplaceAll(host, "-", "--"), ".", "-") + ".cdn.ampproject.org/v/s/" + host + path
	}
	s.pages[url] = l.page
	return url
}

func (s *spelling) target(path string) string {
	w := s.w
	url := w.one("https://", "https://", "http://") + w.one("", "", "www.") + ownHost + path
	if w.maybe(0.3) {
		url += "/"
	}
	if w.maybe(0.08) {
		url += "?utm_campaign=x"
	}
	s.targets[url] = path
	return url
}

var exportColumns = []string{
	"Referring page title", "Referring page URL", "Domain rating", "Target URL", "Anchor", "Type", "Nofollow", "UGC", "Sponsored",
	"Lost status", "First seen", "Last seen", "Lost", "Author",
}

// firstProvider writes the backlink export of one provider; a few rows come twice.
func (s *spelling) firstProvider(out io.Writer) error {
	c := csv.NewWriter(out)
	if err := c.Write(exportColumns); err != nil {
		return err
	}
	for _, l := range s.w.links {
		if !l.byFirst {
			continue
		}
		times := 1
		if s.w.maybe(0.02) {
			times = 2
		}
		for range times {
			if err := c.Write(s.exportRow(l)); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

func (s *spelling) exportRow(l *link) []string {
	stamp := func(d day.Day) string {
		if !d.Known() {
			return ""
		}
		return d.String() + " 10:00:00"
	}
	first, said := l.first, ""
	if l.undated {
		first = day.None
	}
	if l.lost.Known() {
		said = "removedfromhtml"
	}
	return []string{
		l.title, s.source(l), "40", s.target(l.target), l.anchor, string(l.kind), strconv.FormatBool(l.nofollow), strconv.FormatBool(l.ugc), "false",
		said, stamp(first), stamp(max(l.first, today-20)), stamp(l.lost), l.author,
	}
}

// secondProvider gives what another provider has of the same links.
func (s *spelling) secondProvider() iter.Seq2[backlinks.Link, error] {
	return func(yield func(backlinks.Link, error) bool) {
		for _, l := range s.w.links {
			if !l.bySecond {
				continue
			}
			out := backlinks.Link{
				SourceURL: s.source(l), TargetURL: s.target(l.target), Anchor: l.anchor, Title: l.title, Kind: l.kind,
				Nofollow: backlinks.TriOf(l.nofollow), UGC: backlinks.TriOf(l.ugc), FirstSeen: l.second, LastSeen: max(l.second, today-15), Provider: "semrush",
			}
			switch {
			case l.undated:
				out.FirstSeen = day.None
			case l.pageOnly:
				out.FirstSeen, out.PageFirstSeen = day.None, l.second
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

// pitchList writes the pitches as a team's list.
func (w *world) pitchList(out io.Writer) error {
	c := csv.NewWriter(out)
	err := c.Write([]string{"id", "outlet", "contact", "campaign", "subject", "status", "target", "anchor asked for", "sent_on", "declined on", "bounced", "live url", "owner"})
	for _, p := range w.pitches {
		if err != nil {
			return err
		}
		target, bounced := "", ""
		if p.target != "" {
			target = "https://" + ownHost + p.target
		}
		if p.bounced {
			bounced = "yes"
		}
		err = c.Write([]string{p.ref, w.typed(p), p.contact, p.campaign.name, p.subject, string(p.status), target, p.anchor, p.recorded.String(), p.closed.String(), bounced, p.live, p.owner})
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	return err
}

// typed is an outlet as people write it into a list.
func (w *world) typed(p *pitch) string {
	host := p.outlet.current(p.truly)
	if p.outlet.domainKind() && w.maybe(0.15) {
		return w.one("desk@", "ann@") + host
	}
	switch w.r.IntN(5) {
	case 0:
		return "https://" + host
	case 1:
		return "https://" + host + "/"
	case 2:
		if p.outlet.domainKind() {
			return "www." + host
		}
	case 3:
		if p.outlet.domainKind() {
			return p.outlet.sub + host
		}
	}
	return host
}
