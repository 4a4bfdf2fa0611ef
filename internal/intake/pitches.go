package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"

	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
)

// sampleRows is how many rows are looked at to guess what columns mean.
const sampleRows = 200

// List is a pitch list as it was recognised, before anything is saved.
type List struct {
	Format      string          `json:"format"`
	Fingerprint string          `json:"fingerprint"`
	Header      []string        `json:"header"`
	Rows        int             `json:"rows"`
	Sample      [][]string      `json:"-"` // the first rows
	Mapping     pitches.Mapping `json:"mapping"`

	all   [][]string // every row; after Inspect the first ones alone
	lines []int
}

// Inspect recognises a pitch list. A mapping that was saved for the same header
// is used again.
func Inspect(ctx context.Context, st *store.Store, site store.Site, r io.Reader, maxRows int) (List, error) {
	l, rest, err := startList(r, maxRows)
	if err == nil {
		err = l.read(rest, sampleRows)
	}
	if err != nil {
		return l, err
	}
	l.Sample = l.all
	l.Mapping = pitches.Recognise(l.Header, l.Sample, []string{site.Host})
	l.Mapping.ObserveDates(l.each(rest, &err)) // the order of dates is only sure with the whole column
	if err != nil {
		return l, err
	}
	l.Format = rest.Format().String()
	saved, err := st.SavedMapping(ctx, KindPitches, l.Fingerprint)
	if err != nil {
		return l, err
	}
	for _, c := range saved.Columns {
		if c.Index < 0 || c.Index >= len(l.Mapping.Columns) {
			continue
		}
		now := l.Mapping.Columns[c.Index]
		if c.Field != now.Field {
			l.Mapping.SetField(c.Index, c.Field)
		}
		if c.Answered && now.Ambiguous { // else the dates of this file speak for themselves
			l.Mapping.SetDateOrder(c.Index, c.DateOrder)
		}
	}
	for word, status := range saved.StatusMap {
		l.Mapping.SetStatus(word, status)
	}
	return l, nil
}

// ReadList reads a pitch list into memory and leaves its Mapping empty.
func ReadList(r io.Reader, maxRows int) (List, error) {
	l, rest, err := startList(r, maxRows)
	if err == nil {
		err = l.read(rest, math.MaxInt)
	}
	if err != nil {
		return l, err
	}
	l.Format, l.Sample = rest.Format().String(), l.all[:min(len(l.all), sampleRows)]
	return l, nil
}

// startList reads the header of a pitch list; its rows are left to read.
func startList(r io.Reader, maxRows int) (List, *tabular.Reader, error) {
	table, err := openList(r, maxRows)
	if err != nil {
		return List{}, nil, err
	}
	return List{Header: slices.Clone(table.Header()), Fingerprint: tabular.Fingerprint(table.Header())}, table, nil
}

// read keeps the next rows, at most n.
func (l *List) read(table *tabular.Reader, n int) error {
	for ; n > 0; n-- {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		l.all, l.lines = append(l.all, slices.Clone(row.Cells)), append(l.lines, row.Line)
		l.Rows++
	}
	return nil
}

// each gives the rows that are kept and then those that are left to read, which
// are counted and not kept: whoever imports them reads the file again.
func (l *List) each(rest *tabular.Reader, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, cells := range l.all {
			if !yield(cells) {
				return
			}
		}
		for {
			row, err := rest.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				*failed = err
				return
			}
			if l.Rows++; !yield(row.Cells) {
				return
			}
		}
	}
}

func openList(r io.Reader, maxRows int) (*tabular.Reader, error) {
	table, err := tabular.Open(r, tabular.Options{MaxRows: maxRows, IsHeader: pitches.IsHeader, AnyHeader: true})
	if err != nil {
		return nil, fmt.Errorf("open list: %w", err)
	}
	if report := backlinks.ReportName(table.Header()); report != "" {
		return nil, fault.New(fault.Invalid, "This is %s, not a pitch list. Backlinks are imported as links.", report)
	}
	return table, nil
}

// PitchesOptions are for Pitches.
type PitchesOptions struct {
	Mapping  pitches.Mapping
	Default  pitches.Defaults
	Policy   pitches.Policy
	DryRun   bool
	MaxRows  int
	Rows     int    // about how many there are, if known
	File     string // its name, for the timeline
	Today    day.Day
	Progress func(rows int)
	Keep     VerdictPage
}

// VerdictPage says which verdicts a dry run hands out; the zero value takes the
// first 500.
type VerdictPage struct {
	Kinds []pitches.Kind // none takes all
	After int            // only those of later lines
	Limit int            // 0 = 500
}

// PitchesResult says what each row of a pitch list did, or would do.
type PitchesResult struct {
	Read      int `json:"read"`
	New       int `json:"new"`
	Updated   int `json:"updated"`
	Same      int `json:"same"`
	Duplicate int `json:"duplicate"`
	Skipped   int `json:"skipped"`
	Warnings  int `json:"warnings"`

	Refused  Refusals            `json:"refused"`
	Damage   Refusals            `json:"damage"` // lines that were read otherwise than they stand
	Credits  store.CreditChanges `json:"credits"`
	Verdicts []pitches.Verdict   `json:"-"` // a page of them, for the preview
	More     bool                `json:"-"` // there are more verdicts like these
}

const keptVerdicts = 500

// mostForeseen bounds the room that is made for rows before they are read.
const mostForeseen = 100_000

// Pitches reads a pitch list and saves it: all rows that are not refused, in
// one transaction.
func Pitches(ctx context.Context, st *store.Store, by store.By, site store.Site, r io.Reader, o PitchesOptions) (PitchesResult, error) {
	var out PitchesResult
	table, err := openList(r, o.MaxRows)
	if err != nil {
		return out, err
	}
	existing, err := st.PitchIndex(ctx, site.ID)
	if err != nil {
		return out, err
	}
	find := existing.Find
	if existing.Empty() { // then the keys to find pitches by need not be made
		find = nil
	}
	plan, err := planner(ctx, st, site, o, find)
	if err != nil {
		return out, err
	}
	if err := plan.Ready(); err != nil {
		return out, err
	}
	list := &planning{table: table, plan: plan, keep: o.Keep, out: &out}
	if existing.Empty() && o.Rows > 0 && !o.DryRun {
		out.Credits, err = st.ImportNewPitches(ctx, by, site.ID, store.NewPitches{N: o.Rows, Platforms: plan.Platforms, Rows: list.create}, func(int) {
			if o.Progress != nil {
				o.Progress(out.Read)
			}
		})
		out.Damage = damageOf(table.Damage(), &out.Refused)
		return out, err
	}
	var create, update []pitches.Pitch
	for v, err := range list.save {
		switch {
		case err != nil:
			return out, err
		case o.DryRun:
		case v.Kind == pitches.RowNew:
			create = append(create, v.Pitch)
		default:
			update = append(update, v.Pitch)
		}
	}
	out.Damage = damageOf(table.Damage(), &out.Refused)
	if o.DryRun {
		return out, nil
	}
	out.Credits, err = st.ImportPitches(ctx, by, site.ID, create, update, out.progress(len(create)+len(update), o.Progress))
	return out, err
}

// planning reads a list and counts what becomes of its rows.
type planning struct {
	table *tabular.Reader
	plan  *pitches.Planner
	keep  VerdictPage
	out   *PitchesResult
	v     pitches.Verdict // on the row at hand
}

// save gives the verdicts on the rows that are to be saved, new ones and changed
// ones. Each is overwritten by the next.
func (p *planning) save(yield func(*pitches.Verdict, error) bool) {
	for {
		row, err := p.table.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		p.v = p.plan.Row(row.Line, row.Cells)
		p.out.count(&p.v, p.keep)
		if (p.v.Kind == pitches.RowNew || p.v.Kind == pitches.RowUpdate) && !yield(&p.v, nil) {
			return
		}
	}
}

// create gives the new pitches of a list that has no others.
func (p *planning) create(yield func(store.NewPitch, error) bool) {
	for v, err := range p.save {
		var n store.NewPitch
		if err == nil {
			n = store.NewPitch{Pitch: &v.Pitch, Whole: v.Whole}
		}
		if !yield(n, err) {
			return
		}
	}
}

// progress counts the rows that need no saving as done from the start.
func (r *PitchesResult) progress(saved int, f func(int)) func(int) {
	if f == nil {
		return nil
	}
	rest := r.Read - saved
	f(rest)
	return func(n int) { f(rest + n) }
}

// damageOf lists the damaged lines that were taken all the same, as refusals
// are listed.
func damageOf(list []tabular.Damage, refused *Refusals) Refusals {
	gone := map[int]bool{}
	for _, r := range refused.Rows {
		gone[r.Line] = true
	}
	out := Refusals{}
	for _, d := range list {
		if !gone[d.Line] {
			out.add(Refusal{Line: d.Line, Value: d.Raw, Reason: d.Reason})
		}
	}
	return out
}

func planner(ctx context.Context, st *store.Store, site store.Site, o PitchesOptions, existing func(string) (*pitches.Pitch, bool)) (*pitches.Planner, error) {
	owners, err := st.Owners(ctx)
	if err != nil {
		return nil, err
	}
	canonical, err := st.CanonicalKeys(ctx)
	if err != nil {
		return nil, err
	}
	return &pitches.Planner{Mapping: o.Mapping, SiteID: site.ID, SiteHosts: []string{site.Host}, Platforms: st.Platforms(),
		Existing: existing, Canonical: func(key string) string { return canonical[key] }, Owner: owners.Find,
		Default: o.Default, Policy: o.Policy, Today: o.Today, File: o.File, Rows: min(o.Rows, mostForeseen)}, nil
}

func (r *PitchesResult) count(v *pitches.Verdict, keep VerdictPage) {
	r.Read++
	if v.Line > keep.After && (len(keep.Kinds) == 0 || slices.Contains(keep.Kinds, v.Kind)) {
		if r.More = len(r.Verdicts) >= cmp.Or(keep.Limit, keptVerdicts); !r.More {
			r.Verdicts = append(r.Verdicts, *v)
		}
	}
	if len(v.Warnings) > 0 {
		r.Warnings++
	}
	switch v.Kind {
	case pitches.RowNew:
		r.New++
	case pitches.RowUpdate:
		r.Updated++
	case pitches.RowSame:
		r.Same++
	case pitches.RowDuplicate:
		r.Duplicate++
	case pitches.RowSkipped:
		r.Skipped++
	case pitches.RowError:
		r.Refused.add(Refusal{v.Line, v.Column, v.Value, v.Reason})
	}
}

// Sentence sums the result up for a person.
func (r PitchesResult) Sentence() string {
	s := fmt.Sprintf("%d rows read: %d new pitches, %d updated, %d unchanged", r.Read, r.New, r.Updated, r.Same)
	for _, p := range []struct {
		n    int
		what string
	}{{r.Duplicate, "the same as another row"}, {r.Skipped, "no pitch"}, {r.Refused.Count, "refused"}} {
		if p.n > 0 {
			s += fmt.Sprintf(", %d %s", p.n, p.what)
		}
	}
	return s + "."
}
