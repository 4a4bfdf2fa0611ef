package pitches

import (
	"slices"
	"strings"
)

var (
	legendCell  = lazily(`(?i)^\W*(?:status(?: options| values| key)?|legend[ea]?|key|options|l[ée]gende|leyenda|note|notes|total|totals|summe|totale)\s*[:：]`)
	rulerCell   = lazily(`^(?:[-=*_#~]{2,}.*|[-=*_#~–—]+)$`)
	totalWords  = wordSet("total", "totals", "grand total", "sum", "summe", "gesamt", "totale", "somme", "合计", "总计")
	legendPipes = 2
)

// notAPitch says why a row is none: blank, a legend under the table, a heading
// between two blocks, the header again. "" for rows to be read.
func (pl *Planner) notAPitch(cells []string) string {
	filled, first, at := 0, "", -1
	for i, raw := range cells {
		c := clean(raw)
		if c == "" {
			continue
		}
		if filled++; at < 0 {
			first, at = c, i
		}
	}
	switch {
	case filled == 0:
		return "The row is empty."
	case pl.isHeader(cells):
		return "The header again."
	case (filled <= 2 || strings.Count(first, "|") >= legendPipes) && !isWebAddress(first) && legendCell().MatchString(first):
		return "A legend, not a pitch."
	case totalWords[fold(first)] && filled > 1 && !pl.hasAddress(cells):
		return "A total, not a pitch."
	case filled > 1:
		return ""
	case rulerCell().MatchString(first), strings.Count(first, "|") >= legendPipes:
		return "A heading or a legend, not a pitch."
	case !pl.namesOutlet(at) && !isWebAddress(first) && !isEmail(first):
		return "Only one cell is filled, and it names no outlet."
	}
	return ""
}

func (pl *Planner) namesOutlet(col int) bool {
	for _, c := range pl.cols {
		if c.Index == col {
			return c.Field == FieldOutlet || c.Field == FieldOutletURL || c.Field == FieldEmail
		}
	}
	return false
}

func (pl *Planner) hasAddress(cells []string) bool {
	return slices.ContainsFunc(cells, func(c string) bool { return isWebAddress(clean(c)) })
}

func (pl *Planner) isHeader(cells []string) bool {
	named := 0
	for i, c := range pl.Mapping.Columns {
		if c.Index >= len(cells) || c.Index < 0 {
			return false
		}
		if fold(cells[c.Index]) != pl.header[i] {
			return false
		}
		if pl.header[i] != "" {
			named++
		}
	}
	return named > 0
}
