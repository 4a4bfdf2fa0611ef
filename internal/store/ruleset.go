package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"landed/internal/attribution"
	"landed/internal/day"
	"landed/internal/weburl"
)

// ruleset is what decides keys and credits besides links, pitches and outlets,
// as it stands at one version. It is never changed once made.
type ruleset struct {
	version   int64             // counts every change of rules, platforms, aliases and switched-off subdomains
	rules     attribution.Rules // without Version and Today
	platforms *weburl.Platforms
}

// The settings of the ruleset in config.
const (
	rulesKey        = "rules"         // JSON of attribution.Rules; none = the defaults
	rulesVersionKey = "rules.version" // none = 1
)

// on gives the rules as a decision of that day needs them.
func (r *ruleset) on(today day.Day) attribution.Rules {
	rules := r.rules
	rules.Version, rules.Today = int(r.version), today
	return rules
}

// rulesetIn is the ruleset as q sees it. Within a write transaction it is the
// one that holds: another process may have changed it since it was last read,
// and a key made by an old platform table would never be found again.
func (s *Store) rulesetIn(ctx context.Context, q querier) (*ruleset, error) {
	version := int64(1)
	text, ok, err := config(ctx, q, rulesVersionKey)
	if err == nil && ok {
		version, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		return nil, fmt.Errorf("version of the rules: %w", err)
	}
	have := s.current.Load()
	if have != nil && have.version == version {
		return have, nil
	}
	set := &ruleset{version: version}
	if set.rules, err = readRules(ctx, q); err != nil {
		return nil, err
	}
	overrides, err := readOverrides(ctx, q)
	if err != nil {
		return nil, err
	}
	if set.platforms, err = weburl.Default().With(overrides); err != nil {
		return nil, fmt.Errorf("platform table: %w", err)
	}
	return set, nil
}

// use makes a committed ruleset the one that pages read, unless a later one is.
func (s *Store) use(set *ruleset) {
	for {
		have := s.current.Load()
		if have != nil && have.version >= set.version || s.current.CompareAndSwap(have, set) {
			return
		}
	}
}

// ruleset is the one that pages read by.
func (s *Store) ruleset() *ruleset { return s.current.Load() }

// Platforms is the table that decides outlet keys: the shipped one with the
// workspace's changes.
func (s *Store) Platforms() *weburl.Platforms { return s.current.Load().platforms }

// Rules are the workspace's rules of attribution. Version is that of the rules
// in the wide sense: it counts changes of platforms and aliases too.
func (s *Store) Rules() attribution.Rules { return s.current.Load().on(today(s)) }

func readRules(ctx context.Context, q querier) (attribution.Rules, error) {
	text, ok, err := config(ctx, q, rulesKey)
	if err != nil || !ok {
		return attribution.DefaultRules(day.None), err
	}
	return parseRules(text)
}

// parseRules reads stored rules. What they do not name keeps its default, so
// that rules stored by an earlier Landed stay whole.
func parseRules(text string) (attribution.Rules, error) {
	r, err := attribution.ParseRules([]byte(text), day.None)
	if err != nil {
		return r, fmt.Errorf("stored rules: %w", err)
	}
	r.Version = 0
	return r, nil
}

func rulesText(r attribution.Rules) string {
	r.Version, r.Today = 0, day.None
	b, _ := json.Marshal(r) // numbers and strings always marshal
	return string(b)
}

func readOverrides(ctx context.Context, q querier) ([]weburl.Override, error) {
	var out []weburl.Override
	err := each(ctx, q, func(rows *sql.Rows) error {
		var o weburl.Override
		var paths, reserved, fronts string
		err := rows.Scan(&o.Host, &o.Removed, &o.SameAs, &o.Subdomains, &paths, &reserved, &fronts)
		o.Paths, o.Reserved, o.Fronts = strings.Fields(paths), strings.Fields(reserved), strings.Fields(fronts)
		out = append(out, o)
		return err
	}, `SELECT host, removed, same_as, subdomains, paths, reserved, fronts FROM platform ORDER BY host`)
	return out, err
}

func saveOverrides(ctx context.Context, tx *sql.Tx, overrides []weburl.Override) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM platform`); err != nil {
		return err
	}
	for _, o := range overrides {
		_, err := tx.ExecContext(ctx, `INSERT INTO platform (host, removed, same_as, subdomains, paths, reserved, fronts) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			o.Host, o.Removed, o.SameAs, o.Subdomains, strings.Join(o.Paths, " "), strings.Join(o.Reserved, " "), strings.Join(o.Fronts, " "))
		if err != nil {
			return err
		}
	}
	return nil
}
