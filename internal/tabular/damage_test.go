package tabular

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each damaged file holds these rows in its lines 2 to 5; none may get lost, and
// only the lines named may be reported.
func TestDamage(t *testing.T) {
	const header = "Site,Note,Status\n"
	for name, tc := range map[string]struct {
		text  string
		want  []string
		lines []int
	}{
		"unclosed in the last cell": {
			"a.example,x,\"sent\nb.example,y,live\nc.example,z,\"live\"\n",
			[]string{"2:a.example|x|sent", "3:b.example|y|live", "4:c.example|z|live"}, []int{2},
		},
		"unclosed, closed by chance in the last cell": {
			"a.example,x,\"sent\nb.example,y,live\nc.example,z,d\nd.example,w,live\"\ne.example,v,sent\n",
			[]string{"2:a.example|x|sent", "3:b.example|y|live", "4:c.example|z|d", `5:d.example|w|live"`, "6:e.example|v|sent"}, []int{2, 5},
		},
		"unclosed up to the end": {
			"a.example,\"x,sent\nb.example,y,live\n",
			[]string{"2:a.example|x|sent", "3:b.example|y|live"}, []int{2},
		},
		"unclosed with the delimiter inside": {
			"a.example,x,\"sent, by mail\nb.example,y,live\n",
			[]string{"2:a.example|x|sent, by mail", "3:b.example|y|live"}, []int{2},
		},
		"bare quotes": {
			"a.example,5\" screens,sent\nb.example,\"the \"best\" list\",live\n",
			[]string{"2:a.example|5\" screens|sent", `3:b.example|the "best" list|live`}, []int{2, 3},
		},
		"space before the quote": {
			"a.example, \"x, y\",sent\n",
			[]string{"2:a.example|x, y|sent"}, []int{2},
		},
		"unclosed, closed by chance many lines on": {
			"a.example,x,\"sent\n" + "b.example,y,live\n" + "c.example,z,d\n" + "d.example,,\n" + "e.example,v,\"sent\n",
			[]string{"2:a.example|x|sent", "3:b.example|y|live", "4:c.example|z|d", "5:d.example||", "6:e.example|v|sent"}, []int{2, 6},
		},
		"too wide and too narrow": {
			"a.example,x,sent,extra\nb.example,y\nc.example,z,live,,\n",
			[]string{"2:a.example|x|sent|extra", "3:b.example|y|", "4:c.example|z|live"}, []int{2, 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, header+tc.text, Options{})
			if got := dump(t, r); !slices.Equal(got, tc.want) {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			var lines []int
			for _, d := range r.Damage() {
				lines = append(lines, d.Line)
				if d.Reason == "" || d.Raw == "" {
					t.Errorf("damage without words: %+v", d)
				}
			}
			if !slices.Equal(lines, tc.lines) || r.DamageCount() != len(tc.lines) {
				t.Errorf("damaged lines %v, want %v: %+v", lines, tc.lines, r.Damage())
			}
		})
	}
}

// An unclosed quote in any cell of any row must leave all other rows alone.
func TestUnclosedQuoteSwallowsNothing(t *testing.T) {
	const rows, cols = 30, 6
	for _, allQuoted := range []bool{false, true} {
		for bad := range rows * cols {
			var b strings.Builder
			b.WriteString("c0,c1,c2,c3,c4,c5\n")
			for i := range rows * cols {
				cell := fmt.Sprintf("r%dc%d", i/cols, i%cols)
				switch {
				case i == bad:
					b.WriteString(`"` + cell)
				case allQuoted || i%11 == 3:
					b.WriteString(`"` + cell + `"`)
				default:
					b.WriteString(cell)
				}
				b.WriteByte(",\n"[b2i(i%cols == cols-1)])
			}
			r := open(t, b.String(), Options{})
			got := dump(t, r)
			if len(got) != rows {
				t.Fatalf("quoted %v, cell %d: %d rows of %d", allQuoted, bad, len(got), rows)
			}
			for i, row := range got {
				want := fmt.Sprintf("%d:r%dc0|r%dc1|r%dc2|r%dc3|r%dc4|r%dc5", i+2, i, i, i, i, i, i)
				if i != bad/cols && row != want {
					t.Fatalf("quoted %v, cell %d: row %q, want %q", allQuoted, bad, row, want)
				}
			}
			if len(r.Damage()) != 1 || r.Damage()[0].Line != bad/cols+2 {
				t.Fatalf("quoted %v, cell %d: damage %+v", allQuoted, bad, r.Damage())
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Long notes in the last of two columns are no damage.
func TestLettersAreNoDamage(t *testing.T) {
	const note = "Dear Ann,\r\nwe have 1,000 readers, and more.\r\n\r\nThanks,\r\nBo"
	r := open(t, "Site,Note\r\na.example,\""+note+"\"\r\nb.example,x\r\n", Options{})
	want := []string{"2:a.example|" + note, "7:b.example|x"}
	if got := dump(t, r); !slices.Equal(got, want) || r.DamageCount() != 0 {
		t.Errorf("got %q, damage %+v", got, r.Damage())
	}
}
