package intake

import (
	"context"
	"sync"
	"sync/atomic"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/store"
)

type runKey struct {
	st *store.Store
	id int64
}

// running has the rows read by each import that runs in this process. They are
// not in the database meanwhile: it has one writer, and that is the import.
var running sync.Map // runKey -> *atomic.Int64

// Progress is how many rows an import has read that runs in this process now.
func Progress(st *store.Store, id int64) (rows int, runs bool) {
	n, ok := running.Load(runKey{st, id})
	if !ok {
		return 0, false
	}
	return int(n.(*atomic.Int64).Load()), true
}

// Run runs an import that is queued, and writes down how it ended. Running one
// again is safe: a done one is left alone, and one that was cut off, or whose end
// was not written down, finds its rows stored and changes nothing.
//
// What is wrong with the file ends up in the import alone. An error means that
// another try may help; until then the import stands as failed, or as running
// when ctx ended.
func Run(ctx context.Context, st *store.Store, dataDir string, id int64) error {
	m, err := st.Import(ctx, id)
	if err != nil || m.State == Done {
		return err
	}
	if err := st.MoveImport(ctx, id, Running, "", Queued, Running, Failed); err != nil {
		return err
	}
	var rows atomic.Int64
	running.Store(runKey{st, id}, &rows)
	defer running.Delete(runKey{st, id})
	outcome, err := runFile(ctx, st, dataDir, m, func(n int) { rows.Store(int64(n)) })
	if err == nil {
		if err := st.ImportProgress(ctx, id, outcome.rows()); err != nil {
			return err
		}
		return st.FinishImport(ctx, id, Done, outcome, "")
	}
	if ctx.Err() != nil {
		return err
	}
	if end := st.FinishImport(ctx, id, Failed, outcome, fault.Message(err)); end != nil {
		return end
	}
	if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
		return err
	}
	return nil
}

type result interface{ rows() int }

func (r LinksResult) rows() int   { return r.Read + r.Refused.Count }
func (r PitchesResult) rows() int { return r.Read }

func runFile(ctx context.Context, st *store.Store, dataDir string, m store.Import, progress func(int)) (result, error) {
	s, err := SetupOf(m)
	if err != nil {
		return PitchesResult{}, err
	}
	site, err := st.Site(ctx, m.SiteID)
	if err != nil {
		return PitchesResult{}, err
	}
	f, err := OpenUpload(dataDir, m.Digest)
	if err != nil {
		return PitchesResult{}, err
	}
	defer f.Close()
	if m.Kind == KindLinks {
		return Links(ctx, st, site, f, LinksOptions{DateOrder: s.DateOrder, Progress: progress})
	}
	o := s.Options(m, day.Of(st.Now()))
	o.Progress = progress
	return Pitches(ctx, st, store.By{AccountID: m.AccountID, Name: m.Who}, site, f, o)
}
