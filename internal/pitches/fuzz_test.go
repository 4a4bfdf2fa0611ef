package pitches

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"landed/internal/day"
	"landed/internal/tabular"
)

// split cuts fuzz input into cells, and lines into rows.
func split(s string) []string { return strings.Split(s, "\t") }

func seedLists(f *testing.F, add func(header string, row string)) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		header, rows := readList(f, file)
		file.Close()
		for _, r := range rows {
			add(strings.Join(header, "\t"), strings.Join(r.cells, "\t"))
		}
	}
}

func FuzzRecognise(f *testing.F) {
	seedLists(f, func(h, r string) { f.Add(h, r) })
	f.Add("Password\t\t\xff", "a\x00\t=1\t'=2")
	f.Fuzz(func(t *testing.T, head, row string) {
		header, cells := split(head), split(row)
		m := Recognise(header, [][]string{cells, cells}, ownHosts)
		if len(m.Columns) != len(header) {
			t.Fatalf("%d columns of %d", len(m.Columns), len(header))
		}
		used := map[Field]bool{}
		for i, c := range m.Columns {
			if c.Index != i || !c.Field.Valid() {
				t.Fatalf("column %d: %+v", i, c)
			}
			if used[c.Field] && !c.Field.shared() {
				t.Fatalf("%s twice", c.Field)
			}
			used[c.Field] = true
			if secret(header[i]) && c.Field != FieldIgnore {
				t.Fatalf("%q is kept", header[i])
			}
		}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back Mapping
		if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(m, back) {
			t.Fatalf("%v: the mapping changes when it is stored\n%+v\n%+v", err, m, back)
		}
	})
}

// FuzzRow holds: a row never panics, what it saves is valid, the same row in a
// second run is the same, and the export of what it saved is the same too.
func FuzzRow(f *testing.F) {
	seedLists(f, func(h, r string) { f.Add(h, r, uint8(0)) })
	f.Add("website\tnotes\tlive url", "a.example\tb\t c\thttps://a.example/p", uint8(1))
	f.Fuzz(func(t *testing.T, head, row string, policy uint8) {
		header, cells := split(head), split(row)
		pl := Planner{Mapping: Recognise(header, [][]string{cells}, ownHosts), SiteID: 7, SiteHosts: ownHosts, Today: today,
			Policy: []Policy{Add, Replace, Keep}[policy%3]}
		again, back := pl, pl
		v := pl.Row(2, cells)
		if v.Kind != RowNew {
			if v.Reason == "" {
				t.Fatalf("%s without a reason", v.Kind)
			}
			return
		}
		if err := Validate(&v.Pitch, today); err != nil {
			t.Fatalf("saves what is not valid: %v", err)
		}
		p := v.Pitch
		p.ID = 5
		find := NewIndex(slices.Values([]*Pitch{&p})).Find
		again.Existing = find
		if w := again.Row(2, cells); w.Kind != RowSame {
			t.Fatalf("again: %s %s %+v", w.Kind, w.Reason, w.Changes)
		}
		exported := ExportCells(&p, true)
		for i := range exported {
			exported[i] = tabular.Safe(exported[i])
		}
		back.Mapping, back.Existing, back.Today = Recognise(ExportHeader(true), [][]string{exported}, ownHosts), find, day.None
		if w := back.Row(2, exported); w.Kind != RowSame {
			t.Fatalf("exported: %s %s %+v\n%q", w.Kind, w.Reason, w.Changes, exported)
		}
	})
}

func FuzzMapStatus(f *testing.F) {
	for _, words := range statusWords {
		for _, w := range words {
			f.Add(w)
		}
	}
	f.Add("✅ COMPLETED")
	f.Add("skipped - wrong \xff")
	f.Fuzz(func(t *testing.T, word string) {
		s, ok := MapStatus(word)
		if ok != s.Valid() {
			t.Fatalf("%q, %v", s, ok)
		}
		if s2, ok2 := MapStatus("  " + word + "\n"); s2 != s || ok2 != ok {
			t.Fatalf("spaces around %q change %q to %q", word, s, s2)
		}
		var m Mapping
		m.SetStatus(word, Accepted)
		if s3, ok3 := m.Status(word); !ok3 || s3 != Accepted {
			t.Fatalf("%q was set and is %q", word, s3)
		}
	})
}
