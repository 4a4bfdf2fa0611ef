package browser

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Both charts have marks, and with Tab and Enter one leads to its pitch.
func TestChartMarks(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("viewer")
	b.open("/dashboard")
	const shown = "figure.chart .plot a[data-i]"
	b.until("[...document.querySelectorAll('figure.chart')].filter(f => f.querySelector('.plot a[data-i]')).length >= 2")
	if n := b.count(shown); n < 4 {
		t.Errorf("%d marks in both charts", n)
	}
	b.tabTo("figure.chart .plot a[data-i][href^='/pitches/']")
	b.has(".tip", eval[string](b, "document.activeElement.dataset.t"))
	b.leads(func() { b.key(kb.Enter) })
	b.at("/pitches/")
	b.until("document.querySelector('h1') && document.querySelector('#links')")
}

var digits = regexp.MustCompile(`\d[\d,]*`)

// number reads the last number of a text: 1284 of "50 of 1,284 pitches".
func number(t *testing.T, text string) int {
	t.Helper()
	all := digits.FindAllString(text, -1)
	if len(all) == 0 {
		t.Fatalf("no number in %q", text)
	}
	n, err := strconv.Atoi(strings.ReplaceAll(all[len(all)-1], ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A number leads to the rows that it counts, and there are as many.
func TestNumbersOpenTheirRows(t *testing.T) {
	needBrowser(t)
	b := openTab(t, sample)
	b.as("manager")
	b.open("/dashboard")
	type figure struct{ Text, Href string }
	figures := eval[[]figure](b, `[...document.querySelectorAll('.kpi:has(dd:first-of-type > a)')].map(k => ({Text: k.querySelector('dt').firstChild.textContent.trim() + ': ' + k.querySelector('dd').textContent.trim(), Href: k.querySelector('dd a').getAttribute('href')})).concat(
		[...document.querySelectorAll('.funnel a')].map(a => ({Text: a.closest('tr, li').textContent.replace(/\s+/g, ' ').trim().replace(/[\d,.%–]+.*/, '') + ': ' + a.textContent.trim(), Href: a.getAttribute('href')})))`)
	counted := 0
	for _, f := range figures {
		label, value, _ := strings.Cut(f.Text, ": ")
		if strings.ContainsAny(value, "%$€£–") {
			continue // a rate leads to what it is a part of
		}
		t.Run(label, func(t *testing.T) {
			b := b.within(t)
			want := number(t, value)
			b.open(f.Href)
			got := 0
			if b.count("#list .empty") == 0 {
				got = number(t, b.text("#list .tfoot > span"))
			}
			if got != want {
				t.Errorf("the dashboard says %d, the list behind it (%s) %d", want, f.Href, got)
			}
		})
		counted++
	}
	if counted < 4 {
		t.Errorf("only %d numbers of %v lead to rows", counted, fmt.Sprint(figures))
	}
}
