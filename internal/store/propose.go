package store

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"landed/internal/attribution"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/weburl"
)

// ProposeRules records other thresholds and points, to be looked at. Invalid
// ones are refused field by field, as attribution.Rules.Validate does.
func (s *Store) ProposeRules(ctx context.Context, by By, r attribution.Rules) (RuleChange, error) {
	if err := r.Validate(); err != nil {
		return RuleChange{}, err
	}
	return s.propose(ctx, by, RuleChange{Kind: ChangeRules, Subject: "Thresholds and points", Note: rulesNote(s.Rules(), r), To: rulesText(r)})
}

// rulesNote says in words what differs between two sets of rules.
func rulesNote(was, is attribution.Rules) string {
	var lines []string
	before := was.Settings()
	for i, n := range is.Settings() {
		if b := *before[i].Value; b != *n.Value {
			lines = append(lines, fmt.Sprintf("%s: %d to %d %s", n.Label, b, *n.Value, n.Unit))
		}
	}
	return strings.Join(lines, "\n")
}

// PlatformEdit is what ProposePlatform does with a row.
type PlatformEdit string

const (
	PutPlatform     PlatformEdit = "put"     // add the row, or put it in the place of the one with its host
	RemovePlatform  PlatformEdit = "remove"  // no row for this host
	RestorePlatform PlatformEdit = "restore" // the shipped row again
)

// ProposePlatform records a change of one row of the platform table, to be
// looked at.
func (s *Store) ProposePlatform(ctx context.Context, by By, row weburl.PlatformRow, edit PlatformEdit) (RuleChange, error) {
	list, err := readOverrides(ctx, s.read)
	if err != nil {
		return RuleChange{}, classify(err, "platform table")
	}
	shipped := slices.ContainsFunc(weburl.Default().Rows(), func(r weburl.PlatformRow) bool { return r.Host == row.Host })
	note := ""
	switch edit {
	case PutPlatform:
		if row, err = weburl.CheckPlatform(row); err != nil {
			return RuleChange{}, err
		}
		note = "Row for " + row.Host + ": " + platformNote(row)
	case RemovePlatform:
		note = "No row for " + row.Host + " any more"
	case RestorePlatform:
		note = "The row for " + row.Host + " as it ships"
	default:
		return RuleChange{}, fault.New(fault.Invalid, "%q is nothing to do with a platform.", string(edit))
	}
	list = slices.DeleteFunc(list, func(o weburl.Override) bool { return o.Host == row.Host })
	if edit == PutPlatform {
		list = append(list, weburl.Override{PlatformRow: row})
	} else if edit == RemovePlatform && shipped {
		list = append(list, weburl.Override{PlatformRow: weburl.PlatformRow{Host: row.Host}, Removed: true})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Host < list[j].Host })
	if _, err := weburl.Default().With(list); err != nil {
		return RuleChange{}, fault.Field("same_as", "%s.", fault.Message(err))
	}
	return s.propose(ctx, by, RuleChange{Kind: ChangePlatforms, Subject: row.Host, Note: note, To: jsonList(asStored(list))})
}

// asStored gives lists the form in which they are read back, so that equal
// settings are equal texts.
func asStored(list []weburl.Override) []weburl.Override {
	for i := range list {
		o := &list[i]
		o.Paths, o.Reserved, o.Fronts = fieldsOf(o.Paths), fieldsOf(o.Reserved), fieldsOf(o.Fronts)
	}
	return list
}

func fieldsOf(words []string) []string { return strings.Fields(strings.Join(words, " ")) }

func platformNote(r weburl.PlatformRow) string {
	parts := []string{map[string]string{"author": "each subdomain is an author", "front": "subdomains are the platform itself", "own": "each subdomain stands for itself", "": "each subdomain stands for itself"}[r.Subdomains]}
	if len(r.Paths) > 0 {
		parts = append(parts, "folders "+strings.Join(r.Paths, " "))
	}
	if r.SameAs != "" {
		parts = append(parts, "same authors as "+r.SameAs)
	}
	return strings.Join(parts, "; ")
}

// PlatformEntry is one row of the platform table as its page shows it.
type PlatformEntry struct {
	weburl.PlatformRow
	Own     bool // the workspace's, or changed by it
	Shipped bool // there is a shipped row for this host
	Removed bool // the shipped row is taken out
}

// PlatformTable lists the rows in force and those taken out, by host.
func (s *Store) PlatformTable(ctx context.Context) ([]PlatformEntry, error) {
	overrides, err := readOverrides(ctx, s.read)
	if err != nil {
		return nil, classify(err, "platform table")
	}
	var out []PlatformEntry
	for _, r := range weburl.Default().Rows() {
		e := PlatformEntry{PlatformRow: r, Shipped: true}
		if i := slices.IndexFunc(overrides, func(o weburl.Override) bool { return o.Host == r.Host }); i >= 0 {
			if e.Removed = overrides[i].Removed; !e.Removed {
				e.PlatformRow, e.Own = overrides[i].PlatformRow, true
			}
			overrides = slices.Delete(overrides, i, i+1)
		}
		out = append(out, e)
	}
	for _, o := range overrides {
		out = append(out, PlatformEntry{PlatformRow: o.PlatformRow, Own: true})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Host < out[j].Host })
	return out, nil
}

// ProposeAliases records other names of an outlet, to be looked at. Keys are as
// typed; they come back as outlet keys. Errors name the field alias, from or to.
func (s *Store) ProposeAliases(ctx context.Context, by By, outlet int64, list []pitches.Alias) (RuleChange, error) {
	o, err := s.Outlet(ctx, outlet)
	if err != nil {
		return RuleChange{}, err
	}
	sites, err := s.Sites(ctx)
	if err != nil {
		return RuleChange{}, err
	}
	list = cloneAliases(list)
	for i := range list {
		page, err := s.Platforms().Outlet(list[i].Key)
		if err != nil {
			return RuleChange{}, fault.Field("alias", "%s", fault.Message(err))
		}
		key := page.Outlet.Key
		switch {
		case key == o.Key:
			return RuleChange{}, fault.Field("alias", "%s is this outlet's own key.", key)
		case page.Outlet.Scope == weburl.ScopeBare:
			return RuleChange{}, fault.Field("alias", "%s has many authors. Give the author's own address.", key)
		case slices.ContainsFunc(sites, func(x Site) bool { return x.Host == key || strings.HasSuffix(x.Host, "."+key) }):
			return RuleChange{}, fault.Field("alias", "%s is a site of yours, not an outlet.", key)
		case list[i].From.Known() && list[i].To.Known() && list[i].To < list[i].From:
			return RuleChange{}, fault.Field("to", "The last day lies before the first.")
		case slices.ContainsFunc(list[:i], func(a pitches.Alias) bool { return a.Key == key && overlap(a, list[i]) }):
			return RuleChange{}, fault.Field("alias", "%s is a name of this outlet for those days already.", key)
		}
		list[i].Key = key
	}
	return s.propose(ctx, by, RuleChange{Kind: ChangeAliases, Outlet: outlet, Subject: o.Key, Note: aliasNote(o.Aliases, list), To: jsonList(list)})
}

func overlap(a, b pitches.Alias) bool {
	return (!a.To.Known() || !b.From.Known() || b.From <= a.To) && (!b.To.Known() || !a.From.Known() || a.From <= b.To)
}

func aliasNote(was, is []pitches.Alias) string {
	var lines []string
	for _, a := range is {
		if !slices.Contains(was, a) {
			lines = append(lines, "Also "+aliasWords(a))
		}
	}
	for _, a := range was {
		if !slices.Contains(is, a) {
			lines = append(lines, "Not "+aliasWords(a)+" any more")
		}
	}
	return strings.Join(lines, "\n")
}

func aliasWords(a pitches.Alias) string {
	words := a.Key
	if a.From.Known() {
		words += " from " + a.From.String()
	}
	if a.To.Known() {
		words += " to " + a.To.String()
	}
	return words
}

// ProposeSubdomains records which subdomains of an outlet never count, to be
// looked at: labels such as "jobs", or whole hosts. Errors name the field subdomain.
func (s *Store) ProposeSubdomains(ctx context.Context, by By, outlet int64, list []string) (RuleChange, error) {
	o, err := s.Outlet(ctx, outlet)
	if err != nil {
		return RuleChange{}, err
	}
	var clean []string
	for _, typed := range list {
		sub := strings.Trim(strings.ToLower(strings.TrimSpace(typed)), ".")
		sub = strings.TrimPrefix(sub, "*.")
		page, err := s.Platforms().Page(sub + ".example.com")
		switch {
		case sub == "" || err != nil || page.Host != sub+".example.com":
			return RuleChange{}, fault.Field("subdomain", "Enter a subdomain such as jobs, or a whole host such as jobs.%s.", o.Key)
		case sub == o.Key:
			return RuleChange{}, fault.Field("subdomain", "That would switch the whole outlet off.")
		}
		if !slices.Contains(clean, sub) {
			clean = append(clean, sub)
		}
	}
	slices.Sort(clean)
	var lines []string
	for _, sub := range clean {
		if !slices.Contains(o.Off, sub) {
			lines = append(lines, sub+" never counts")
		}
	}
	for _, sub := range o.Off {
		if !slices.Contains(clean, sub) {
			lines = append(lines, sub+" counts again")
		}
	}
	return s.propose(ctx, by, RuleChange{Kind: ChangeSubdomains, Outlet: outlet, Subject: o.Key, Note: strings.Join(lines, "\n"), To: jsonList(clean)})
}
