package report

import "slices"

// DRClass sorts outlets by Domain Rating as badges do: "a" from 70, "b" from 50,
// "c" below, "" where it is not known.
func DRClass(authority float64, metric string) string {
	switch {
	case metric != "DR":
		return ""
	case authority >= 70:
		return "a"
	case authority >= 50:
		return "b"
	}
	return "c"
}

// Wait is how long an accepted pitch has waited for its first link: until it was
// seen, or so far.
type Wait struct {
	Class string // of DRClass
	Days  int    // since the pitch was sent
	Seen  bool   // else the wait goes on: it is censored
}

// UsualWait is how long links take to be seen after Kaplan and Meier: pitches
// that still wait count for as long as they have waited, so that they do not
// make it look shorter than it is.
type UsualWait struct {
	Class             string // "" for all
	Seen, Open        int
	Low, Median, High int // days by which a quarter, half, three quarters have their link; -1 = not within what has been seen
}

// Known reports whether there are enough cases, and a median among them.
func (u UsualWait) Known() bool { return u.Seen >= MinCases && u.Median >= 0 }

// Limit is the day after the pitch from which a link is overdue: when three of
// four have theirs, or half where the rest has waited too briefly to know. 0 is no limit.
func (u UsualWait) Limit() int {
	switch {
	case !u.Known():
		return 0
	case u.High >= 0:
		return max(1, u.High)
	}
	return max(1, u.Median)
}

// UsualOf gives the usual wait of a class: from its own cases where MinCases of
// them have been seen, else from all.
func UsualOf(cases []Wait, class string) UsualWait {
	if class != "" {
		own := slices.DeleteFunc(slices.Clone(cases), func(w Wait) bool { return w.Class != class })
		if u := usual(own); u.Known() {
			u.Class = class
			return u
		}
	}
	return usual(cases)
}

func usual(cases []Wait) UsualWait {
	u := UsualWait{Low: -1, Median: -1, High: -1}
	sorted := slices.SortedFunc(slices.Values(cases), func(a, b Wait) int {
		if a.Days != b.Days {
			return a.Days - b.Days
		}
		return map[bool]int{true: -1, false: 0}[a.Seen] - map[bool]int{true: -1, false: 0}[b.Seen] // a link on the day comes before who still waits
	})
	still := 1.0 // the share without a link
	for i := 0; i < len(sorted); {
		day, atRisk, seen := sorted[i].Days, len(sorted)-i, 0
		for ; i < len(sorted) && sorted[i].Days == day; i++ {
			if sorted[i].Seen {
				seen++
			}
		}
		u.Seen, u.Open = u.Seen+seen, u.Open+(i-(len(sorted)-atRisk)-seen)
		still *= 1 - float64(seen)/float64(atRisk)
		const less = 1e-9 // of rounding
		for _, q := range []struct {
			to    *int
			share float64
		}{{&u.Low, 0.75}, {&u.Median, 0.5}, {&u.High, 0.25}} {
			if *q.to < 0 && still <= q.share+less {
				*q.to = day
			}
		}
	}
	return u
}
