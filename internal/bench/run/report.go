package main

import (
	"fmt"
	"strings"
)

// table prints Markdown.
type table struct{ rows [][]string }

func newTable(head ...string) *table {
	t := &table{}
	t.add(head...)
	line := make([]string, len(head))
	for i := range line {
		line[i] = "---"
	}
	t.add(line...)
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(title string) {
	fmt.Printf("\n## %s\n\n", title)
	for _, r := range t.rows {
		fmt.Println("| " + strings.Join(r, " | ") + " |")
	}
}

// bar says whether a figure holds what was promised.
func bar(got, most float64, format string) string {
	word := "holds"
	if got > most {
		word = "**missed**"
	}
	return fmt.Sprintf("≤ "+format+": %s", most, word)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
func kilobytes(n int64) string { return fmt.Sprintf("%.1f kB", float64(n)/1e3) }
func seconds(f float64) string { return fmt.Sprintf("%.3f s", f) }
func times(f float64) string   { return fmt.Sprintf("%.2f ×", f) }
