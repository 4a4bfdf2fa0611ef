package ahrefs

import (
	"context"

	"landed/internal/backlinks"
)

// domainFields: the total of links and the first day are stored; whether a domain
// is live need not be asked of a list of the live ones.
var domainFields = []string{"domain", "domain_rating", "links_to_target", "first_seen"}

// askRefDomains asks for all live ones, oldest first: ratings are too often equal
// to page by.
func askRefDomains(t backlinks.Target) (ask, error) {
	q, err := v3Target(epV3RefDomains, t)
	if err != nil {
		return ask{}, err
	}
	q.Set("history", "live")
	return ask{endpoint: epV3RefDomains, envelope: "refdomains", params: q, sel: domainFields,
		keys: []sortKey{{field: "first_seen", kind: keyTime}, {field: "domain", kind: keyText}}}, nil
}

func (v *v3) refDomains(ctx context.Context, t backlinks.Target, cursor string) (backlinks.RefDomainPage, error) {
	a, err := askRefDomains(t)
	return v.domainPage(ctx, a, err, cursor, 0, readV3Domain)
}

func (v *v3) newRefDomains(ctx context.Context, w backlinks.Window) (backlinks.RefDomainPage, error) {
	a, err := askRefDomains(w.Target)
	if err == nil {
		err = checkWindow(epV3RefDomains, w)
	}
	if err == nil {
		a.base, a.where = Gte("first_seen", midnight(w.From)), Lt("first_seen", midnight(w.To+1))
	}
	return v.domainPage(ctx, a, err, w.Cursor, w.MaxRows, func(r *row) backlinks.RefDomain {
		d := readV3Domain(r)
		r.within("first_seen", w)
		return d
	})
}

func (v *v3) domainPage(ctx context.Context, a ask, err error, cursor string, most int, read func(*row) backlinks.RefDomain) (backlinks.RefDomainPage, error) {
	if err != nil {
		return backlinks.RefDomainPage{}, err
	}
	domains, next, cost, err := page(ctx, v, a, cursor, most, read)
	return backlinks.RefDomainPage{Domains: domains, Next: next, Cost: cost}, err
}

func readV3Domain(r *row) backlinks.RefDomain {
	n, _ := r.count("links_to_target", maxCount)
	d := backlinks.RefDomain{Domain: r.key("domain"), Links: int(n), FirstSeen: r.date("first_seen")}
	if dr, known := r.number("domain_rating", 100); known {
		d.Authority, d.Metric = dr, backlinks.DR
	}
	return d
}

func askAnchors(t backlinks.Target) (ask, error) {
	q, err := v3Target(epAnchors, t)
	if err != nil {
		return ask{}, err
	}
	q.Set("history", "live")
	return ask{endpoint: epAnchors, envelope: "anchors", params: q,
		sel:  []string{"anchor", "links_to_target", "dofollow_links"},
		keys: []sortKey{{field: "links_to_target", kind: keyInt, desc: true}, {field: "anchor", kind: keyText}}}, nil
}

func (v *v3) anchors(ctx context.Context, t backlinks.Target, cursor string) (backlinks.AnchorPage, error) {
	a, err := askAnchors(t)
	if err != nil {
		return backlinks.AnchorPage{}, err
	}
	out, next, cost, err := page(ctx, v, a, cursor, 0, func(r *row) backlinks.Anchor {
		if _, ok := r.fields["anchor"].(string); !ok { // "" is an anchor: a link around an image has none
			r.fail("anchor", "is %s", describe(r.fields["anchor"]))
		}
		follow, _ := r.count("dofollow_links", maxCount)
		return backlinks.Anchor{Text: r.text("anchor"), Links: int(r.needCount("links_to_target")), Dofollow: int(follow)}
	})
	return backlinks.AnchorPage{Anchors: out, Next: next, Cost: cost}, err
}
