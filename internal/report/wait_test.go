package report

import "testing"

func TestUsualWait(t *testing.T) {
	seen := func(days ...int) (out []Wait) {
		for _, d := range days {
			out = append(out, Wait{"b", d, true})
		}
		return out
	}
	open := func(days ...int) (out []Wait) {
		for _, d := range days {
			out = append(out, Wait{"b", d, false})
		}
		return out
	}
	for _, tc := range []struct {
		name  string
		cases []Wait
		want  UsualWait
		known bool
		limit int
	}{
		{"nothing", nil, UsualWait{"", 0, 0, -1, -1, -1}, false, 0},
		{"too few", seen(5, 6, 7, 8), UsualWait{"", 4, 0, 5, 6, 7}, false, 0},
		{"all seen: plain quartiles", seen(40, 10, 20, 30, 50, 60, 70, 80), UsualWait{"b", 8, 0, 20, 40, 60}, true, 60},
		// Freireich's 6-MP arm, the textbook example: median 23; a quarter within 13.
		{"censored", append(seen(6, 6, 6, 7, 10, 13, 16, 22, 23), open(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)...), UsualWait{"b", 9, 12, 13, 23, -1}, true, 23},
		{"most still wait", append(seen(1, 2, 3, 4, 5), open(90, 90, 90, 90, 90, 90, 90, 90, 90)...), UsualWait{"", 5, 9, 4, -1, -1}, false, 0},
		{"the same day", seen(0, 0, 0, 0, 0), UsualWait{"b", 5, 0, 0, 0, 0}, true, 1},
	} {
		u := UsualOf(tc.cases, "b")
		if u != tc.want || u.Known() != tc.known || u.Limit() != tc.limit {
			t.Errorf("%s: %+v, known %v, limit %d; want %+v, %v, %d", tc.name, u, u.Known(), u.Limit(), tc.want, tc.known, tc.limit)
		}
	}
	mixed := append(seen(1, 2, 3, 4, 5), Wait{"a", 100, true}, Wait{"a", 90, true})
	if u := UsualOf(mixed, "a"); u.Class != "" || u.Seen != 7 {
		t.Errorf("two of a class: %+v, want all seven", u)
	}
	for want, of := range map[string]float64{"a": 70, "b": 69.9, "c": 0} {
		if got := DRClass(of, "DR"); got != want {
			t.Errorf("DR %v is class %q, want %q", of, got, want)
		}
	}
	if DRClass(80, "DA") != "" {
		t.Error("another provider's score is no DR")
	}
}
