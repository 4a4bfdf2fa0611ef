package attribution

import (
	"cmp"
	"slices"

	"landed/internal/day"
)

// Model is a way of crediting a placement to the pitches that had a part in it:
// the credited one and its assists.
type Model string

const (
	// LastTouch gives all of it to the credited pitch. It is the default, and what
	// every headline counts: the rules credit the pitch that fits best, of equals
	// the latest, and people may say otherwise.
	LastTouch Model = "last"
	// FirstTouch gives all of it to the pitch that was sent first.
	FirstTouch Model = "first"
	// Linear gives each of them the same part.
	Linear Model = "linear"
)

// Models are the ways of crediting in the order of menus.
var Models = []Model{LastTouch, FirstTouch, Linear}

// Whole is the parts of one placement. 2 to 16 pitches share it without a rest.
const Whole = 720_720

// Touch is a pitch that had a part in a placement.
type Touch struct {
	PitchID  int64
	SentOn   day.Day
	Credited bool // else an assist
}

// Shares gives the parts of each touch. They sum to [Whole], and do not depend
// on the order of touches. An unknown Model is LastTouch; without a credited
// touch nothing is given.
func Shares(m Model, touches []Touch) []int64 {
	out := make([]int64, len(touches))
	credited := slices.IndexFunc(touches, func(t Touch) bool { return t.Credited })
	if credited < 0 {
		return out
	}
	switch m {
	case FirstTouch:
		first := credited
		for i, t := range touches {
			if firstSent(t, touches[first]) < 0 {
				first = i
			}
		}
		out[first] = Whole
	case Linear:
		order := make([]int, len(touches))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(touches[a].PitchID, touches[b].PitchID) })
		n, rest := int64(Whole/len(touches)), Whole%len(touches)
		for at, i := range order {
			out[i] = n
			if at < rest {
				out[i]++
			}
		}
	default:
		out[credited] = Whole
	}
	return out
}

// firstSent orders touches by when they were sent, unknown days last, then by id.
func firstSent(a, b Touch) int {
	return cmp.Or(first(a.SentOn.Known(), b.SentOn.Known()), cmp.Compare(a.SentOn, b.SentOn), cmp.Compare(a.PitchID, b.PitchID))
}
