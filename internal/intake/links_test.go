package intake

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/store"
)

// inParcels overwrites each parcel with the next one, as reading a file does.
func inParcels(links []backlinks.Link, size int, end error) iter.Seq2[[]backlinks.Link, error] {
	return func(yield func([]backlinks.Link, error) bool) {
		room := make([]backlinks.Link, size)
		for part := range slices.Chunk(links, size) {
			if !yield(room[:copy(room, part)], nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

func TestOfSite(t *testing.T) {
	broken := errors.New("broken")
	far, near, junk := "https://far.example/x", "https://blog.fern.example/x", "mailto:x"
	for name, c := range map[string]struct {
		targets []string
		end     error
		refused bool
	}{
		"ours":                        {[]string{near, far, near}, nil, false},
		"ours after some others":      {append(slices.Repeat([]string{far}, lookAt-1), near), nil, false},
		"ours after too many others":  {append(slices.Repeat([]string{far}, lookAt), near), nil, true},
		"few and none of them ours":   {[]string{far, junk, far}, nil, true},
		"nothing that can be read":    {slices.Repeat([]string{junk}, 2*lookAt), nil, false},
		"ours after much that cannot": {append(slices.Repeat([]string{junk}, 2*lookAt), near, far), nil, false},
		"nothing":                     {nil, nil, false},
		"broken at once":              {nil, broken, false},
		"broken later":                {[]string{near, far}, broken, false},
		"broken before ours":          {[]string{far, far}, broken, false},
	} {
		var links []backlinks.Link
		for i, target := range c.targets {
			links = append(links, backlinks.Link{SourceURL: fmt.Sprint("https://a.example/", i), TargetURL: target})
		}
		for _, size := range []int{1, 7, 1024} {
			var got []backlinks.Link
			var last error
			for part, err := range ofSite(inParcels(links, size, c.end), store.Site{Host: "fern.example"}) {
				got, last = append(got, part...), err
			}
			if c.refused {
				if fault.KindOf(last) != fault.Invalid || len(got) > 0 {
					t.Errorf("%s, %d at a time: %d links and %v", name, size, len(got), last)
				}
			} else if !slices.Equal(got, links) || !errors.Is(last, c.end) {
				t.Errorf("%s, %d at a time: %d links of %d, %v", name, size, len(got), len(links), last)
			}
		}
	}
}
