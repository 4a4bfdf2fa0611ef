package backlinks

import (
	"strconv"
	"strings"

	"landed/internal/day"
	"landed/internal/tabular"
)

// day reads a date; a timestamp without a zone is taken as UTC. The first day of
// 1970 and the year 0 are how databases write "never".
func (x *ExportReader) day(cells []string, c column) (day.Day, error) {
	s := x.cell(cells, c)
	if s == "" || strings.HasPrefix(s, "1970-01-01") || strings.HasPrefix(s, "0000-00-00") {
		return day.None, nil
	}
	return tabular.ParseDay(s, x.order)
}

// triOf reads a flag; a cell without a value is Unknown.
func triOf(s string) (t Tri, ok bool) {
	switch {
	case s == "":
		return Unknown, true
	case strings.EqualFold(s, "false"), s == "0", strings.EqualFold(s, "no"):
		return No, true
	case strings.EqualFold(s, "true"), s == "1", strings.EqualFold(s, "yes"):
		return Yes, true
	}
	return Unknown, tabular.Null(s)
}

// authority reads a figure from 0 to 100, with a decimal point or, after a round
// trip through a spreadsheet, a decimal comma. Without one there is no metric.
func (x *ExportReader) authority(s string) (float64, Metric, bool) {
	if tabular.Null(s) {
		return 0, MetricNone, true
	}
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
	if err != nil || !(f >= 0 && f <= 100) {
		return 0, MetricNone, false
	}
	return f, x.format.metric, true
}

// httpCode reads a status; 0 stands for "not fetched".
func httpCode(s string) (int, bool) {
	if s == "0" || tabular.Null(s) {
		return 0, true
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 100 || n > 999 {
		return 0, false
	}
	return n, true
}

// kindOf reads the type of a link; a word that is not known is no kind.
func kindOf(s string) Kind {
	switch k := Kind(strings.ToLower(strings.TrimSpace(s))); k {
	case KindText:
		return KindText
	case KindImage:
		return KindImage
	case KindRedirect:
		return KindRedirect
	case KindFrame:
		return KindFrame
	case KindForm:
		return KindForm
	case KindCanonical:
		return KindCanonical
	case KindAlternate:
		return KindAlternate
	case KindRSS:
		return KindRSS
	}
	return KindUnknown
}
