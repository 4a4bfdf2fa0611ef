package sync

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
)

// A full check lists everything that lives, page by page like any step. Only when the
// last page has come is the list held against what is stored (store.Listing): what it
// lacks is missed once, and lost when the whole list before lacked it as well.

// checkListable refuses targets of which a provider lists only some links.
func checkListable(site store.Site) error {
	if site.Mode == backlinks.ModeDomain || site.Mode == backlinks.ModeSubdomains {
		return nil
	}
	return fault.New(fault.Invalid, "Every link can be checked of a whole domain only, and %s is a part of one.", site.Host)
}

// listing is what the pages of a step's list are held against; nil for other steps.
//
// A provider that is not asked by price pages by offset: its rows move while it is
// asked, so a list that was put off in the middle may lack what lives.
func (p *pull) listing(step store.SyncStep) *store.Listing {
	if step.Name != AllLinks {
		return nil
	}
	p.oneGo = p.oneGo || step.Cursor == ""
	l := &store.Listing{Began: step.To, Provider: p.Provider.Name(), Whole: p.can.rich() || p.oneGo}
	l.Covers = func(target string) bool { return covers(p.site, target, p.can.rich()) }
	return l
}

// covers reports whether a link to a page is in a site's list for sure: to a page of
// its host or, where the provider counts subdomains in, below it.
func covers(site store.Site, target string, subdomains bool) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	host, own := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), strings.ToLower(site.Host)
	return host == own || host == "www."+own || subdomains && strings.HasSuffix(host, "."+own)
}

// notBelieved makes a list that lacks too much begin anew the next time: what was
// wrong may be on any of its pages.
func (p *pull) notBelieved(ctx context.Context, step *store.SyncStep, err error) error {
	if !errors.Is(err, store.ErrStrangeListing) {
		return err
	}
	if dropErr := p.Store.DropListing(ctx, p.run.ID); dropErr != nil {
		return dropErr
	}
	step.Cursor, step.Rows = "", 0
	if n := len(p.lines); n > 0 {
		p.lines[n-1].OK, p.lines[n-1].Outcome = false, fault.Message(err)
	}
	return &Failure{permanent: true, Err: err}
}

// listed is how many rows a full list is expected to have.
func (s *Syncer) listed(ctx context.Context, site store.Site) (rows int, known bool, err error) {
	past, err := s.Store.PastSteps(ctx, site.ID, AllLinks, 1)
	if err != nil {
		return 0, false, err
	}
	if len(past) > 0 {
		return past[0].Rows, true, nil
	}
	rows, err = s.Store.LiveLinks(ctx, site.ID, s.Provider.Name())
	return rows, rows > 0, err
}
