// Package intake carries a file into the store: it reads an export or a pitch
// list, plans what each row does, and saves it. The command line and the
// background jobs both come through here.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/internal/weburl"
)

// Refusal is one row of a file that was not taken, and why.
type Refusal struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

// keptRefusals bounds what is kept of a file that is wrong throughout.
const keptRefusals = 1000

// Refusals are the rows of a file that were not taken: how many, and the first ones.
type Refusals struct {
	Count int       `json:"count"`
	Rows  []Refusal `json:"rows,omitempty"`
}

func (r *Refusals) add(f Refusal) {
	if r.Count++; len(r.Rows) < keptRefusals {
		r.Rows = append(r.Rows, f)
	}
}

// LinksResult says what reading a backlink export did.
type LinksResult struct {
	Format string `json:"format"`
	store.LinkOutcome
	Refused Refusals `json:"refused"`
	Damage  Refusals `json:"damage"` // lines with broken quotes; those of the wrong width are refused too
	// Notes are cells that could not be read while their row was kept.
	Notes int `json:"notes"`
}

// LinksOptions are for Links.
type LinksOptions struct {
	DryRun    bool
	MaxRows   int // 0 = tabular.DefaultMaxRows
	DateOrder tabular.DateOrder
	Progress  func(rows int)
}

// Links reads a backlink export of one site and saves its links.
func Links(ctx context.Context, st *store.Store, site store.Site, r io.Reader, o LinksOptions) (LinksResult, error) {
	var out LinksResult
	x, err := backlinks.OpenExport(r, backlinks.ExportOptions{MaxRows: o.MaxRows, DateOrder: o.DateOrder})
	if err != nil {
		return out, err
	}
	out.Format = x.Format()
	links := ofSite(ahead(ctx, x, &out.Refused), site)
	out.LinkOutcome, err = st.SaveLinkParcels(ctx, site.ID, links, o.DryRun, o.Progress)
	out.Notes = x.NoteCount()
	out.Damage = damageOf(x.Damage(), &out.Refused)
	return out, err
}

// readAhead is how many links travel together from the reading to the writing
// goroutine: parsing and storing then share the two cores.
const readAhead = 1024

type parcel struct {
	links   []backlinks.Link
	refused []Refusal
	err     error
}

// ahead reads the file in a goroutine of its own. Each parcel of links stands where
// one before it stood.
func ahead(ctx context.Context, x *backlinks.ExportReader, refused *Refusals) iter.Seq2[[]backlinks.Link, error] {
	return func(yield func([]backlinks.Link, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		parcels, done := make(chan parcel, 4), make(chan []backlinks.Link, 4)
		go pack(ctx, x, parcels, done)
		defer func() {
			cancel()
			for range parcels { // until pack has seen it: x must not be read after this returns
			}
		}()
		for p := range parcels {
			for _, f := range p.refused {
				refused.add(f)
			}
			if len(p.links) > 0 && !yield(p.links, nil) {
				return
			}
			if p.err != nil {
				yield(nil, p.err)
				return
			}
			select {
			case done <- p.links:
			default:
			}
		}
	}
}

func pack(ctx context.Context, x *backlinks.ExportReader, to chan<- parcel, done <-chan []backlinks.Link) {
	defer close(to)
	for {
		var p parcel
		select {
		case used := <-done:
			p.links = used[:0]
		default:
			p.links = make([]backlinks.Link, 0, readAhead)
		}
		err := fill(x, &p)
		if err != nil && err != io.EOF {
			p.err = err
		}
		select {
		case to <- p:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func fill(x *backlinks.ExportReader, p *parcel) error {
	for len(p.links) < cap(p.links) {
		p.links = p.links[:len(p.links)+1]
		_, err := x.Next(&p.links[len(p.links)-1])
		if err == nil {
			continue
		}
		p.links = p.links[:len(p.links)-1]
		row, ok := errors.AsType[*backlinks.RowError](err)
		if !ok {
			return err
		}
		p.refused = append(p.refused, Refusal{row.Line, row.Column, row.Value, row.Reason})
	}
	return nil
}

// lookAt is how many links are looked at to tell a file of another site.
const lookAt = 200

// ofSite refuses a file whose links all point elsewhere: most likely the wrong
// site was chosen. A few such links are kept; they count as the export says.
func ofSite(parcels iter.Seq2[[]backlinks.Link, error], site store.Site) iter.Seq2[[]backlinks.Link, error] {
	return func(yield func([]backlinks.Link, error) bool) {
		var waiting []backlinks.Link // as long as none points to the site
		mine := false
		other := ""
		for links, err := range parcels {
			for i := 0; i < len(links) && !mine; i++ {
				if p, err := weburl.Default().Page(links[i].TargetURL); err == nil {
					mine = belongs(p, site)
					other = p.Host
				}
				if !mine && len(waiting)+i+1 >= lookAt && other != "" {
					yield(nil, elsewhere(other, site))
					return
				}
			}
			if !mine && err == nil {
				waiting = append(waiting, links...)
				continue
			}
			if len(waiting) > 0 && !yield(waiting, nil) {
				return
			}
			waiting = nil
			if !yield(links, err) {
				return
			}
		}
		if len(waiting) > 0 && other != "" {
			yield(nil, elsewhere(other, site))
			return
		}
		if len(waiting) > 0 {
			yield(waiting, nil)
		}
	}
}

func elsewhere(host string, site store.Site) error {
	return fault.New(fault.Invalid, "The links of this file point to %s, not to %s. Choose the site that it is for.", host, site.Host)
}

func belongs(p weburl.Page, site store.Site) bool {
	return p.Host == site.Host || p.Domain == site.Host || len(p.Host) > len(site.Host) && p.Host[len(p.Host)-len(site.Host)-1:] == "."+site.Host
}

// Sentence sums the result up for a person.
func (r LinksResult) Sentence() string {
	s := fmt.Sprintf("%d rows read: %d new links, %d changed, %d unchanged", r.Read, r.New, r.Changed, r.Same)
	if r.Repeats > 0 {
		s += fmt.Sprintf(", %d rows for a link that the file has twice", r.Repeats)
	}
	if r.Refused.Count > 0 {
		s += fmt.Sprintf(", %d refused", r.Refused.Count)
	}
	return s + "."
}
