package ahrefs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"landed/internal/backlinks"
)

// prism passes requests to a Prism mock, which is made from the contract alone, and
// asks it for data that are random or those that it always gives.
type prism struct {
	t       *testing.T
	dynamic bool
	asked   map[string]int
}

func (p *prism) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Prefer", fmt.Sprintf("dynamic=%t", p.dynamic))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	p.asked[strings.TrimPrefix(r.URL.Path, "/")]++
	if resp.StatusCode != http.StatusOK {
		p.t.Errorf("%s is refused with %d: %.500s", r.URL, resp.StatusCode, body)
	}
	return resp, nil
}

// TestAgainstPrism sends every operation of the client to an independent mock at
// LANDED_PRISM, e.g. http://127.0.0.1:4010, started with --errors. The mock must accept each request.
// Its data are true to the schema but make no sense, so the client may refuse
// them, and only as an unusable answer.
func TestAgainstPrism(t *testing.T) {
	address := os.Getenv("LANDED_PRISM")
	if address == "" {
		t.Skip("LANDED_PRISM is not set; .ci/run sets it")
	}
	if refusesNothing(t, address) {
		t.Fatal("the mock accepts a request without target; it was not started with --errors, or is no mock")
	}
	const rounds = 6
	used := 0
	for round := range rounds {
		p := &prism{t, round > 0, map[string]int{}}
		c := &clock{now: monday}
		client, err := New(Options{BaseURL: address, Token: "token-for-prism", Set: V3, HTTP: p, Now: c.Now, Sleep: c.Sleep, PerMinute: 1_000_000})
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range append(figuresAlone(), v3Operations...) {
			switch _, _, err := op.run(t.Context(), client); {
			case err == nil:
				used++
			case kindOf(err) != BadAnswer:
				t.Errorf("%s: %v", op.name, err)
			}
		}
		for _, path := range v3Paths {
			if p.asked[path] == 0 {
				t.Errorf("%s was never asked", path)
			}
		}
	}
	t.Logf("%d of %d operations made sense of an answer", used, rounds*(2+len(v3Operations)))
}

// figuresAlone are the parts of an overview by themselves: one that cannot be used
// ends the overview.
func figuresAlone() (out []v3Operation) {
	for _, part := range []backlinks.Parts{backlinks.LinkPart, backlinks.TrafficPart} {
		out = append(out, v3Operation{name: "Snapshot", run: func(ctx context.Context, c *Client) (any, backlinks.Cost, error) {
			s, cost, err := c.Snapshot(ctx, site, week.To, part)
			return s, cost, err
		}})
	}
	return out
}

// refusesNothing reports whether a request that breaks the contract passes.
func refusesNothing(t *testing.T, address string) bool {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/site-explorer/anchors?select=anchor", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer x")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
