package store

import (
	"context"
	"fmt"
	"strings"
)

// linkPlan is how a list of links is read: which table leads, so that its index
// gives the order, and which conditions that index answers.
//
// The order of tables is written down with CROSS JOIN, which the database keeps,
// and a unary plus takes a column out of its choice of index. Left to itself it
// has no statistics to go by, and one wrong guess costs a walk over all links.
type linkPlan struct {
	from string // with the join of the other table in where
	order
	where *where
	base  int  // that many of where's conditions are answered along the order
	links bool // all links of the site in order, so that with no further condition a page reads as many rows as it has
}

// fewLinks is up to how many links of the named domains are fetched and sorted;
// with more of them, walking all links in order finds a page sooner.
const fewLinks = 500

// named is what the domains that a filter names have, by the counts kept with them.
type named struct {
	links int
	all   bool // else there are more domains, and more links
}

// few says that the links are best found through their domains.
func (n named) few() bool { return n.all && n.links <= fewLinks }

// namedBy looks at up to fewLinks domains of a filter by domain.
func (s *Store) namedBy(ctx context.Context, f LinkFilter) (n named, err error) {
	if f.Domain == "" || f.Pitch != 0 {
		return n, nil
	}
	w := &where{}
	f.keys(w, "k0")
	what := "named" // by how it begins
	if f.Exact {
		what = "name"
	}
	return kept(ctx, fact{what, f.Site, f.Domain}, func() (n named, err error) {
		var domains int
		err = s.read.QueryRowContext(ctx, fmt.Sprintf(`SELECT COUNT(*), COALESCE(SUM(links), 0) FROM (SELECT links FROM refdomain k0 WHERE %s LIMIT %d)`, w, fewLinks+1), w.args...).
			Scan(&domains, &n.links)
		n.all = domains <= fewLinks
		return n, err
	})
}

// plan chooses the table that leads. few says that the filter's domains have so
// few links that these are best found through the domains.
func (f LinkFilter) plan(few bool) linkPlan {
	p := linkPlan{order: order{`l.seen`, `l.id`, f.Site}, where: &where{}}
	switch {
	case f.Pitch != 0:
		p.from = `credit c CROSS JOIN link l`
		p.where.add(`l.id = c.link_id AND c.pitch_id = ? AND +c.site_id = ?`, f.Pitch, f.Site)
		if !f.Lost {
			p.order = order{by: `c.first_seen`, id: `c.link_id`}
		}
		f.states(p.where)
	case f.Lost && f.Placements && f.Domain == "":
		p.from, p.order = `placement_lost x CROSS JOIN link l CROSS JOIN credit c`, order{by: `x.day`, id: `x.link_id`}
		p.where.add(`x.site_id = ? AND l.id = x.link_id AND c.link_id = x.link_id`, f.Site)
		f.states(p.where)
	case few:
		p.from = `refdomain k0 CROSS JOIN link l LEFT JOIN credit c ON c.link_id = l.id`
		p.where.add(`l.domain_id = k0.id`)
		f.keys(p.where, "k0")
		f.states(p.where)
	case !f.Lost && f.State != "none" && (f.Credited || f.Placements || f.State != ""):
		p.from, p.order = `credit c CROSS JOIN link l`, order{by: `c.first_seen`, id: `c.link_id`}
		p.where.add(`l.id = c.link_id AND c.site_id = ?`, f.Site)
		f.states(p.where)
	default:
		p.from, p.links = `link l LEFT JOIN credit c ON c.link_id = l.id`, true
		if f.Lost {
			p.where.add(`l.site_id = ?`, f.Site)
		}
	}
	f.days(&p, few)
	p.base = len(p.where.conds)
	if !strings.Contains(p.from, "CROSS") {
		f.states(p.where)
	}
	if f.Domain != "" && !few {
		f.among(p.where)
	}
	f.facts(p.where)
	return p
}

// days narrows to lost or live links and to a period of the list's own day.
func (f LinkFilter) days(p *linkPlan, few bool) {
	if f.Lost {
		p.where.add(`l.lost_on <> ''`)
		if p.by != `x.day` {
			p.by, p.seen = `l.lost_on`, 0
		}
	}
	if p.seen != 0 && few { // the domains lead, and not the links of these days
		first, last := seenBetween(f.Site, f.From, f.To)
		p.where.add(`+l.seen BETWEEN ? AND ?`, first, last)
		return
	}
	if p.seen != 0 {
		p.where.seen(p.by, f.Site, f.From, f.To, f.After, f.Back)
		return
	}
	if f.From.Known() {
		p.where.add(p.by+` >= ?`, f.From.String())
	}
	if f.To.Known() {
		p.where.add(p.by+` <= ?`, f.To.String())
	}
}

// states narrows by what is said of the attribution.
func (f LinkFilter) states(w *where) {
	switch {
	case f.Unreviewed && (f.Credited || f.Placements):
		w.add(`c.state = 'auto'`)
	case f.Credited || f.Placements:
		w.add(`c.state IN ('auto', 'confirmed')`)
	case f.State == "none":
		w.add(`c.link_id IS NULL`)
	case f.State != "":
		w.add(`c.state = ?`, string(f.State))
		if f.State != StateAuto {
			w.add(`c.state <> 'auto'`) // says that the partial index holds them all
		}
	}
	if f.Placements {
		w.add(`c.lead`)
	}
}

// facts narrows by what no index is kept of.
func (f LinkFilter) facts(w *where) {
	if f.Live {
		w.add(`l.lost_on = ''`)
	}
	if f.Reason != "" {
		w.add(`l.lost_reason = ?`, string(f.Reason))
	}
	if f.MinDR > 0 {
		w.add(`l.authority >= ?`, f.MinDR)
	}
	if f.Follow {
		w.add(`l.rel % 3 = 1 AND l.rel / 3 % 3 <> 2 AND l.rel / 9 % 3 <> 2`)
	}
}

// keys narrows to one referring domain, or to those that begin with what was
// typed; both find them by their ids.
func (f LinkFilter) keys(w *where, table string) {
	name := f.name()
	if f.Exact {
		w.add(table+`.id = ? AND +`+table+`.site_id = ? AND `+table+`.domain = ?`, domainID(f.Site, name), f.Site, name)
		return
	}
	beginning(w, table+`.`, f.Site, name)
}

// beginning narrows referring domains to those of a site whose names begin with a
// prefix, by the range of ids that such names have. Domains of other sites whose names
// begin so stand among them: with as many domains each, ten sites make it read ten
// times as many rows as it finds. That costs less than an index of all names, which
// every new domain would have to be written to.
func beginning(w *where, table string, site int64, prefix string) {
	from, to, exact := domainIDs(prefix)
	w.add(table+`id BETWEEN ? AND ? AND +`+table+`site_id = ?`, from, to, site)
	if !exact {
		w.add(table+`domain >= ? AND `+table+`domain < ?`, prefix, prefix+"\U0010ffff")
	}
}

// name is that of the domains which are asked for, or how they begin.
func (f LinkFilter) name() string {
	if f.Exact {
		return f.Domain
	}
	typed := strings.ToLower(strings.TrimSpace(f.Domain))
	if f.platforms != nil && strings.ContainsAny(typed, "/:") {
		if p, err := f.platforms.Page(typed); err == nil {
			return p.Domain // a whole address was pasted
		}
	}
	return typed
}

// among narrows links to the same domains while they are walked in order, by what
// stands in their index. Where ids do not say it all, as for a name of more than four
// letters, it is asked of the few links that they leave: a set of all domains that
// are meant would take longer to make than the page. A link without a domain has the
// id 0, which is in no range.
func (f LinkFilter) among(w *where) {
	name := f.name()
	if f.Exact {
		w.add(`+l.domain_id = ?`, domainID(f.Site, name))
		return
	}
	from, to, exact := domainIDs(name)
	w.add(`+l.domain_id BETWEEN ? AND ?`, from, to)
	if !exact {
		w.add(`EXISTS (SELECT 1 FROM refdomain k0 WHERE k0.id = l.domain_id AND k0.domain >= ? AND k0.domain < ?)`, name, name+"\U0010ffff")
	}
}

// page is the query of one page.
func (p linkPlan) page(columns, order string, limit int) string {
	return `SELECT ` + columns + ` FROM ` + p.from + linkJoins + ` WHERE ` + p.where.String() + order + fmt.Sprintf(` LIMIT %d`, limit)
}

// countWalk caps how many rows are looked at to count what no index counts: a
// rare find among many links would cost far more than its page.
const countWalk = 1000

// count is the query that counts up to countWalk rows along the order: all
// looked at, and those that match.
func (p linkPlan) count() string {
	hit := `1`
	if rest := p.where.conds[p.base:]; len(rest) > 0 {
		hit = `CASE WHEN ` + strings.Join(rest, " AND ") + ` THEN 1 ELSE 0 END`
	}
	return fmt.Sprintf(`SELECT COUNT(*), COALESCE(SUM(hit), 0) FROM (SELECT %s AS hit FROM %s WHERE %s ORDER BY %s DESC, %s DESC LIMIT %d)`,
		hit, p.from, strings.Join(p.where.conds[:p.base], " AND "), p.by, p.id, countWalk+1)
}

// linkTotal reads the figures kept with the writes where they answer the
// filter, and else counts along the plan of the first page. shown is how many
// rows there are at least.
func (s *Store) linkTotal(ctx context.Context, f LinkFilter, n named, shown int) (Total, error) {
	if figure := f.figure(); figure != nil {
		sum, err := s.sum(ctx, f.Site, f.From.String(), f.To.String())
		return Total{N: figure(sum)}, err
	}
	if f.plain() == (LinkFilter{Site: f.Site, Domain: f.Domain, Exact: f.Exact}) {
		if n.links > countLimit {
			return Total{N: countLimit, AtLeast: true}, nil
		}
		return Total{N: max(n.links, shown), AtLeast: !n.all}, nil
	}
	f.After = "" // counted from the first on
	p := f.plan(n.few())
	var looked, hits int
	if err := s.read.QueryRowContext(ctx, p.count(), p.where.args...).Scan(&looked, &hits); err != nil {
		return Total{}, err
	}
	if hits > countLimit {
		return Total{N: countLimit, AtLeast: true}, nil
	}
	return Total{N: max(hits, shown), AtLeast: looked > countWalk}, nil
}

// plain is the filter without the place in the list.
func (f LinkFilter) plain() LinkFilter {
	f.After, f.Back, f.Limit, f.Whole, f.Brief, f.platforms = "", false, 0, false, false, nil
	return f
}

// figure is the daily figure that counts exactly the filter's links, or nil.
func (f LinkFilter) figure() func(Figures) int {
	f = f.plain()
	f.From, f.To = 0, 0
	site := f.Site
	switch f {
	case LinkFilter{Site: site}:
		return func(g Figures) int { return g.LinksNew }
	case LinkFilter{Site: site, Lost: true}:
		return func(g Figures) int { return g.LinksLost }
	case LinkFilter{Site: site, Lost: true, Placements: true}:
		return func(g Figures) int { return g.PlacementsLost }
	case LinkFilter{Site: site, Credited: true}:
		return func(g Figures) int { return g.Credited }
	case LinkFilter{Site: site, Placements: true}:
		return func(g Figures) int { return g.Placements }
	case LinkFilter{Site: site, Placements: true, Unreviewed: true}:
		return func(g Figures) int { return g.Unconfirmed }
	case LinkFilter{Site: site, State: StateSuggested}:
		return func(g Figures) int { return g.Suggested }
	case LinkFilter{Site: site, State: StateConfirmed}:
		return func(g Figures) int { return g.Confirmed }
	case LinkFilter{Site: site, State: StateAuto}, LinkFilter{Site: site, Credited: true, Unreviewed: true}:
		return func(g Figures) int { return g.Credited - g.Confirmed }
	}
	return nil
}

// sum adds up the figures of the days from and to, both included and both
// optional.
func (s *Store) sum(ctx context.Context, site int64, from, to string) (Figures, error) {
	if from == "" && to == "" {
		return s.Totals(ctx, site)
	}
	if to == "" {
		to = "~" // after every date
	}
	var f Figures
	sums := make([]string, 0, 11)
	for c := range strings.SplitSeq(figureColumns, ", ") {
		sums = append(sums, `COALESCE(SUM(`+c+`), 0)`)
	}
	err := s.read.QueryRowContext(ctx, `SELECT `+strings.Join(sums, ", ")+` FROM daily WHERE site_id = $1 AND day >= $2 AND day <= $3`, site, from, to).Scan(f.fields()...)
	return f, err
}
