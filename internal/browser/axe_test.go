package browser

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-4.14.1.min.js
var axeSource string

// violation is a rule of axe that a page breaks.
type violation struct {
	ID, Help, Impact string
	Nodes            []struct{ Target, Why string }
}

// axe checks the page with all rules that are on by default, the best practices
// among them; with rules, only with these.
func (b *tab) axe(rules ...string) []violation {
	b.t.Helper()
	if eval[bool](b, "!window.axe") {
		eval[chromedp.Void](b, axeSource)
	}
	options := "{resultTypes: ['violations'], preload: false"
	if len(rules) > 0 {
		options += ", runOnly: {type: 'rule', values: ['" + strings.Join(rules, "','") + "']}"
	}
	js := `axe.run(document, ` + options + `}).then(r => r.violations.map(v => ({ID: v.id, Help: v.help, Impact: v.impact,
		Nodes: v.nodes.map(n => ({Target: n.target.join(' '), Why: n.any.concat(n.all, n.none).map(c => c.message).join('; ')}))})))`
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]violation](js, chromedp.EvalAwaitPromise))
	b.must(err)
	return found
}

func (v violation) String() string {
	s := fmt.Sprintf("%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 4 {
			return s + fmt.Sprintf("\n    and %d more", len(v.Nodes)-i)
		}
		s += "\n    " + n.Target + ": " + n.Why
	}
	return s
}
