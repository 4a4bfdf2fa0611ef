package templates

import (
	"context"
	"html"
	"io"
	"strconv"
	"sync"

	"landed/static"

	"github.com/a-h/templ"
)

// What stands in every row of a list is written by hand: a generated component
// makes two contexts and a closure each time it is drawn, and prints each value
// through fmt, which for fifty rows takes longer than to read them.

// leaf draws markup that is whole and escaped already.
type leaf string

// Render is that of templ.Component.
func (l leaf) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(l))
	return err
}

// Icon is a symbol of static/icons.svg. It is decoration: the word stands
// beside it, or the control has an aria-label.
func Icon(name string) templ.Component {
	if drawn, ok := icons.Load(name); ok {
		return drawn.(leaf)
	}
	drawn := leaf(`<svg class="i" aria-hidden="true"><use href="` + html.EscapeString(static.URL("icons.svg")+"#"+name) + `"></use></svg>`)
	icons.Store(name, drawn)
	return drawn
}

var icons sync.Map // leaf by name, of which templates have some dozen

// Tag is a small word: a rel, a kind. follow makes it green.
func Tag(text string, follow bool) templ.Component {
	class := "tag"
	if follow {
		class = "tag follow"
	}
	return leaf(`<span class="` + class + `">` + html.EscapeString(text) + `</span>`)
}

// DR is an authority score. band is "a" (from 70), "b" (from 50) or "". An
// empty score prints that it is not known. The blanks are what pages have
// always had there.
func DR(score, band string) templ.Component {
	if score == "" {
		return leaf(`<span class="muted"><span aria-hidden="true">–</span><span class="vh">DR not known</span></span>`)
	}
	class := "dr"
	if band != "" {
		class = "dr " + band
	}
	return leaf(`  <span class="` + html.EscapeString(class) + `"><span class="vh">DR </span>` + html.EscapeString(score) + `</span>`)
}

// Conf is a confidence as a bar and a word.
func Conf(c Confidence) templ.Component { return conf(c) }

func conf(c Confidence) leaf {
	class := "conf"
	if c.Band != "" {
		class = "conf " + c.Band
	}
	n := strconv.Itoa(c.Percent)
	return leaf(`<span class="` + html.EscapeString(class) + `"><svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none"><rect width="` + n +
		`" height="10"></rect></svg>` + html.EscapeString(c.Word) + ` ` + n + `%</span>`)
}

// When is a time.
func When(t Time) templ.Component {
	if t.ISO == "" {
		return leaf(html.EscapeString(t.Text))
	}
	title := ""
	if t.Title != "" {
		title = ` title="` + html.EscapeString(t.Title) + `"`
	}
	return leaf(`<time datetime="` + html.EscapeString(t.ISO) + `"` + title + `>` + html.EscapeString(t.Text) + `</time>`)
}

// WhyLink prints score and state. With script it fills and opens the page's
// WhyPop; without, it leads to the page that shows the evidence. A list would be
// twice as long with the evidence of every row in it.
func WhyLink(v Why) templ.Component { return leaf(whyLink(v)) }

func whyLink(v Why) string {
	return `<a class="sub why" href="` + address(v.Href) + `" data-why>` + string(conf(v.Conf)) + `  <span class="muted">` + html.EscapeString(v.State) + `, why?</span></a>`
}

// address is what an expression for href prints.
func address(href string) string { return html.EscapeString(string(templ.URL(href))) }

// linkPageCell is the page that links, in lists of links.
func linkPageCell(r *LinkItem) templ.Component {
	url := `<span class="url trunc">` + html.EscapeString(r.URL) + `</span>`
	if r.URLHref != "" {
		url = `<a class="url trunc" href="` + address(r.URLHref) + `" rel="noopener noreferrer nofollow">` + html.EscapeString(r.URL) + `</a>`
	}
	return leaf(`<td class="max full o0"><a class="main-l trunc" dir="auto" href="` + address(r.Href) + `">` + html.EscapeString(r.Title) + `</a> ` + url + `</td>`)
}

// linkPitch is the pitch that earned a link, in lists of links. decide offers to
// assign one.
func linkPitch(r *LinkItem, decide bool) templ.Component {
	if r.PitchHref != "" {
		return leaf(`<a class="main-l trunc" dir="auto" href="` + address(r.PitchHref) + `">` + html.EscapeString(r.Pitch) + `</a>` + whyLink(r.Why))
	}
	none := `<span class="muted small">` + html.EscapeString(r.None) + `</span>`
	if decide {
		none += ` <a class="small" href="` + address(r.Href+"#reassign") + `" aria-label="` + html.EscapeString("Assign a pitch: "+r.Title) + `">Assign</a>`
	}
	return leaf(none)
}
