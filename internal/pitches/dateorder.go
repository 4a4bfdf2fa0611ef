package pitches

import (
	"iter"
	"slices"

	"landed/internal/tabular"
)

// DateOrder is how the dates of one column are meant, as a mapping stores it.
type DateOrder string

const (
	DayFirst   DateOrder = "day"   // 03/04/2026 is 3 April
	MonthFirst DateOrder = "month" // 03/04/2026 is March 4
)

func (o DateOrder) tabular() tabular.DateOrder {
	switch o {
	case DayFirst:
		return tabular.DayFirst
	case MonthFirst:
		return tabular.MonthFirst
	}
	return tabular.AnyOrder
}

// ObserveDates finds the order of each column's dates from all the rows of a
// file, where Recognise saw a sample only. What a person answered stays.
func (m *Mapping) ObserveDates(rows iter.Seq[[]string]) {
	found := make([]tabular.Dates, len(m.Columns))
	at := make([]int, len(m.Columns)) // where each column's cells are; -1 for none to look at
	for i, c := range m.Columns {
		if at[i] = c.Index; c.Dropped() {
			at[i] = -1
		}
	}
	for cells := range rows {
		for i, j := range at {
			if j >= 0 && j < len(cells) {
				found[i].Add(clean(cells[j]))
			}
		}
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		if c.Answered {
			continue
		}
		c.DateOrder, c.Ambiguous, c.Example = "", false, cut(found[i].Example(), 40)
		switch found[i].Order() {
		case tabular.DayFirst:
			c.DateOrder = DayFirst
		case tabular.MonthFirst:
			c.DateOrder = MonthFirst
		case tabular.Ambiguous:
			c.Ambiguous = true
		}
	}
}

func (r *recogniser) mapping(sample [][]string) Mapping {
	m := Mapping{Columns: r.out}
	m.ObserveDates(slices.Values(sample))
	return m
}
