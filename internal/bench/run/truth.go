package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// verdict is how exported credits compare with the truth.
type verdict struct {
	rows, wrong, missing, extra, silent int
	first                               string // the first difference, to look at
}

func (v verdict) String() string {
	s := fmt.Sprintf("%.4f%% of %d rows as in truth (bar 100.0000%%); %d wrong, %d missing, %d not in the truth, %d credits without reasons",
		100*float64(v.rows-v.wrong-v.missing)/float64(max(1, v.rows)), v.rows, v.wrong, v.missing, v.extra, v.silent)
	if v.first != "" {
		s += "; first: " + v.first
	}
	return s
}

// compare holds an export of credits against the generated truth. A pitch in the
// bands possible and none does not count as found, whether a person is asked or not
// does.
func compare(truth, export string) (verdict, error) {
	type want struct{ ref, band string }
	wanted := map[string]want{}
	var v verdict
	err := columns(truth, []string{"source_url", "target_url", "pitch_ref", "band"}, func(c []string) {
		wanted[c[0]+" "+c[1]] = want{c[2], c[3]}
		v.rows++
	})
	if err != nil {
		return v, err
	}
	note := func(format string, args ...any) {
		if v.first == "" {
			v.first = fmt.Sprintf(format, args...)
		}
	}
	err = columns(export, []string{"source_url", "target_url", "pitch_ref", "band", "reasons"}, func(c []string) {
		key := c[0] + " " + c[1]
		w, ok := wanted[key]
		if !ok {
			v.extra++
			note("%s is not in the truth", key)
			return
		}
		delete(wanted, key)
		found := want{c[2], c[3]}
		switch found.band {
		case "credited", "suggested":
			found.band = "found"
			if c[4] == "" {
				v.silent++
			}
		default:
			found = want{"", "none"}
		}
		if found != w {
			v.wrong++
			note("%s: %v instead of %v", key, found, w)
		}
	})
	v.missing = len(wanted)
	return v, err
}

// columns reads the named columns of a CSV file.
func columns(path string, names []string, f func(cells []string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := make([]int, len(names))
	for i, n := range names {
		if at[i] = slices.Index(head, n); at[i] < 0 {
			return fmt.Errorf("%s has no column %q", path, n)
		}
	}
	cells := make([]string, len(names))
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, j := range at {
			cells[i] = rec[j]
		}
		f(cells)
	}
}
