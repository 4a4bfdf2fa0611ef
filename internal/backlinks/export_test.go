package backlinks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"landed/internal/day"
	"landed/internal/fault"
	"landed/internal/tabular"
)

var fullHeader = strings.Split("Referring page title,Referring page URL,Language,Platform,Referring page HTTP code,Domain rating,UR,Domain traffic,Referring domains,Linked domains,External links,Page traffic,Keywords,Target URL,Left context,Anchor,Right context,Redirect Chain URLs,Redirect Chain status codes,Type,Is spam,Content,Nofollow,UGC,Sponsored,Rendered,Raw,Lost status,Drop reason,Discovered status,First seen,Last seen,Lost,Author,Page type,Page category,Links in group", ",")

// fullRow is a row of the 37 columns, with some cells changed.
func fullRow(change map[string]string) []string {
	row := map[string]string{
		"Referring page title": "The best “examples”, tested", "Referring page URL": "https://news.example/best",
		"Referring page HTTP code": "200", "Domain rating": "71.4", "Target URL": "https://www.ours.example/",
		"Anchor": "our, example", "Type": "text", "Is spam": "false", "Nofollow": "false", "UGC": "false",
		"Sponsored": "false", "Discovered status": "linkfound", "First seen": "2025-03-01 23:59:59",
		"Last seen": "2026-01-02 03:04:05", "Author": "Jane Example", "Links in group": "1",
	}
	maps.Copy(row, change)
	cells := make([]string, len(fullHeader))
	for i, h := range fullHeader {
		cells[i] = row[h]
	}
	return cells
}

// table writes rows with all cells quoted.
func table(delim string, rows ...[]string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, c := range row {
			if i > 0 {
				b.WriteString(delim)
			}
			b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func utf16LE(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func openExport(t *testing.T, text string) *ExportReader {
	t.Helper()
	x, err := OpenExport(strings.NewReader(text), ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func readAll(t *testing.T, x *ExportReader) (links []Link, bad []*RowError) {
	t.Helper()
	for {
		var l Link
		_, err := x.Next(&l)
		if errors.Is(err, io.EOF) {
			return links, bad
		}
		if e, ok := errors.AsType[*RowError](err); ok {
			bad = append(bad, e)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
	}
}

func d(s string) day.Day {
	v, err := day.Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

// without drops columns by name from header and rows.
func without(rows [][]string, names ...string) [][]string {
	drop := make(map[int]bool)
	for i, h := range rows[0] {
		for _, n := range names {
			drop[i] = drop[i] || h == n
		}
	}
	var out [][]string
	for _, row := range rows {
		var kept []string
		for i, c := range row {
			if !drop[i] {
				kept = append(kept, c)
			}
		}
		out = append(out, kept)
	}
	return out
}

func TestExportForms(t *testing.T) {
	rows := [][]string{fullHeader, fullRow(nil)}
	sheet := without(rows, "Is spam", "Page type", "Page category")
	for i := range sheet {
		first := []string{"#", "1"}[i]
		sheet[i] = append([]string{first}, sheet[i]...)
		for k, c := range sheet[i] {
			switch c {
			case "false", "true":
				sheet[i][k] = strings.ToUpper(c)
			}
		}
	}
	want := Link{
		SourceURL: "https://news.example/best", TargetURL: "https://www.ours.example/", Anchor: "our, example",
		Title: "The best “examples”, tested", Author: "Jane Example", Kind: KindText,
		Nofollow: No, UGC: No, Sponsored: No, Authority: 71.4, Metric: DR, HTTPCode: 200,
		FirstSeen: d("2025-03-01"), LastSeen: d("2026-01-02"), Provider: "ahrefs",
	}
	short := Link{
		SourceURL: want.SourceURL, TargetURL: want.TargetURL, Title: want.Title, Provider: "ahrefs",
	}
	for name, tc := range map[string]struct {
		text, format string
		want         Link
	}{
		"UTF-16":     {utf16LE(table("\t", rows...)), "Ahrefs backlinks, UTF-16LE, tab, 37 columns", want},
		"comma":      {table(",", rows...), "Ahrefs backlinks, UTF-8, comma, 37 columns", want},
		"36 columns": {table("\t", without(rows, "Links in group")...), "Ahrefs backlinks, UTF-8, tab, 36 columns", want},
		"sheet":      {table(",", sheet...), "Ahrefs backlinks, UTF-8, comma, 35 columns", want},
		"short": {
			"Referring page title,Referring page URL,Links To\r\n\"The best “examples”, tested\",https://news.example/best,https://www.ours.example/\r\n",
			"Ahrefs backlinks, UTF-8, comma, 3 columns", short,
		},
		"folded names": {
			"x\nREFERRING  PAGE url ;target url;First Seen\n https://news.example/best ;https://www.ours.example/;2025-03-01\n",
			"Ahrefs backlinks, UTF-8, semicolon, 3 columns",
			Link{SourceURL: want.SourceURL, TargetURL: want.TargetURL, FirstSeen: want.FirstSeen, Provider: "ahrefs"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := openExport(t, tc.text)
			if x.Format() != tc.format {
				t.Errorf("format %q, want %q", x.Format(), tc.format)
			}
			links, bad := readAll(t, x)
			if len(links) != 1 || len(bad) != 0 || x.NoteCount() != 0 {
				t.Fatalf("%d links, bad %v, notes %v", len(links), bad, x.Notes())
			}
			if links[0] != tc.want {
				t.Errorf("got  %+v\nwant %+v", links[0], tc.want)
			}
		})
	}
}

func TestExportCells(t *testing.T) {
	for name, tc := range map[string]struct {
		change map[string]string
		check  func(Link) bool
	}{
		"nofollow": {map[string]string{"Nofollow": "TRUE", "UGC": "yes", "Sponsored": "1"}, func(l Link) bool { return l.Rel() == "nofollow ugc sponsored" }},
		"no flags": {map[string]string{"Nofollow": "", "UGC": "-", "Sponsored": "null"}, func(l Link) bool {
			return l.Nofollow == Unknown && l.UGC == Unknown && l.Sponsored == Unknown && l.Rel() == ""
		}},
		"image":            {map[string]string{"Type": "Image"}, func(l Link) bool { return l.Kind == KindImage }},
		"redirect":         {map[string]string{"Type": "redirect"}, func(l Link) bool { return l.Kind == KindRedirect && !l.Kind.Editorial() }},
		"decimal comma":    {map[string]string{"Domain rating": "0,4"}, func(l Link) bool { return l.Authority == 0.4 && l.Metric == DR }},
		"rating 0":         {map[string]string{"Domain rating": "0"}, func(l Link) bool { return l.Authority == 0 && l.Metric == DR }},
		"no rating":        {map[string]string{"Domain rating": "N/A"}, func(l Link) bool { return l.Metric == MetricNone }},
		"not fetched":      {map[string]string{"Referring page HTTP code": "0"}, func(l Link) bool { return l.HTTPCode == 0 }},
		"never seen":       {map[string]string{"First seen": "1970-01-01 00:00:00"}, func(l Link) bool { return !l.FirstSeen.Known() }},
		"formula anchor":   {map[string]string{"Anchor": "=1+1"}, func(l Link) bool { return l.Anchor == "=1+1" }},
		"anchor is a dash": {map[string]string{"Anchor": "-"}, func(l Link) bool { return l.Anchor == "-" }},
	} {
		x := openExport(t, table("\t", fullHeader, fullRow(tc.change)))
		links, bad := readAll(t, x)
		if len(links) != 1 || len(bad) > 0 || x.NoteCount() > 0 || !tc.check(links[0]) {
			t.Errorf("%s: %+v, bad %v, notes %v", name, links, bad, x.Notes())
		}
	}
}

func TestExportLoss(t *testing.T) {
	const on = "2026-01-10 04:05:06"
	for name, tc := range map[string]struct {
		lost, status, drop, found, seen string
		on                              string
		reason                          LostReason
		said                            string
	}{
		"lives":            {found: "linkfound"},
		"removed":          {lost: on, status: "removedfromhtml", on: "2026-01-10", reason: LinkRemoved, said: "removedfromhtml"},
		"gone":             {lost: on, status: "notfound", on: "2026-01-10", reason: PageGone, said: "notfound"},
		"redirected":       {lost: on, status: "pageredirected", on: "2026-01-10", reason: Redirected, said: "pageredirected"},
		"redirect lost":    {lost: on, status: "lostredirect", on: "2026-01-10", reason: Redirected, said: "lostredirect"},
		"noindex":          {lost: on, status: "NOINDEX", on: "2026-01-10", reason: NoIndex, said: "NOINDEX"},
		"canonical":        {lost: on, status: "notcanonical", on: "2026-01-10", reason: NotCanonical, said: "notcanonical"},
		"error":            {lost: on, status: "pageerror", on: "2026-01-10", reason: PageError, said: "pageerror"},
		"too old":          {lost: on, drop: "tooold", on: "2026-01-10", reason: IndexDropped, said: "tooold"},
		"no such domain":   {lost: on, drop: "nxdomain", on: "2026-01-10", reason: IndexDropped, said: "nxdomain"},
		"new word":         {lost: on, status: "abducted", on: "2026-01-10", reason: LostReasonUnsaid, said: "abducted"},
		"no word":          {lost: on, on: "2026-01-10", reason: LostReasonUnsaid},
		"no date":          {status: "notfound", reason: PageGone, said: "notfound"},
		"back":             {found: "linkrestored", status: "notfound"},
		"back, lost again": {found: "linkrestored", lost: on, status: "notfound", on: "2026-01-10", reason: PageGone, said: "notfound"},
		"back, seen since": {found: "linkrestored", lost: on, status: "notfound", seen: "2026-02-01 00:00:00"},
	} {
		change := map[string]string{"Lost": tc.lost, "Lost status": tc.status, "Drop reason": tc.drop, "Discovered status": tc.found}
		if tc.seen != "" {
			change["Last seen"] = tc.seen
		}
		links, bad := readAll(t, openExport(t, table("\t", fullHeader, fullRow(change))))
		if len(links) != 1 || len(bad) > 0 {
			t.Errorf("%s: %d links, bad %v", name, len(links), bad)
			continue
		}
		l := links[0]
		if l.LostOn.String() != tc.on || l.LostReason != tc.reason || l.LostSaid != tc.said || l.Lost() != (tc.reason != LostNone) {
			t.Errorf("%s: lost on %v, reason %q, said %q", name, l.LostOn, l.LostReason, l.LostSaid)
		}
	}
}

func TestExportBadRows(t *testing.T) {
	good := fullRow(nil)
	text := table("\t", fullHeader, good,
		fullRow(map[string]string{"Referring page URL": " "}),
		fullRow(map[string]string{"Target URL": ""}),
		fullRow(map[string]string{"Lost": "soon"}),
		good[:30],
		fullRow(map[string]string{"First seen": "14 小时前", "Nofollow": "maybe", "Domain rating": "high", "Referring page HTTP code": "OK"}),
		good)
	x := openExport(t, text)
	links, bad := readAll(t, x)
	var got []string
	for _, e := range bad {
		got = append(got, fmt.Sprintf("%d %s %q", e.Line, e.Column, e.Value))
	}
	want := []string{`3 Referring page URL " "`, `4 Target URL ""`, `5 Lost "soon"`}
	if len(got) != 4 || strings.Join(got[:3], "\n") != strings.Join(want, "\n") || bad[3].Line != 6 || !strings.Contains(bad[3].Error(), "30 cells") {
		t.Errorf("bad rows: %v", bad)
	}
	if len(links) != 3 {
		t.Errorf("%d links", len(links))
	}
	if l := links[1]; l.FirstSeen.Known() || l.Nofollow != Unknown || l.Metric != MetricNone || l.HTTPCode != 0 || l.LastSeen != d("2026-01-02") {
		t.Errorf("row with unreadable cells: %+v", l)
	}
	if x.NoteCount() != 4 || x.Notes()[0].Line != 7 {
		t.Errorf("notes %+v", x.Notes())
	}
}

func TestExportDateOrder(t *testing.T) {
	row := func(first string) []string { return fullRow(map[string]string{"First seen": first, "Last seen": ""}) }
	text := table(",", fullHeader, row("03/04/2025 10:11"), row("15/04/2025 10:11"))
	links, _ := readAll(t, openExport(t, text))
	if len(links) != 2 || links[0].FirstSeen != d("2025-04-03") {
		t.Errorf("day first not found from a later row: %+v", links)
	}
	text = table(",", fullHeader, row("03/04/2025"), row("05/06/2025"))
	_, err := OpenExport(strings.NewReader(text), ExportOptions{})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.FieldsOf(err)["date_order"], "03/04/2025") {
		t.Errorf("an unclear order gave %v", err)
	}
	x, err := OpenExport(strings.NewReader(text), ExportOptions{DateOrder: tabular.MonthFirst})
	if err != nil {
		t.Fatal(err)
	}
	if links, _ = readAll(t, x); len(links) != 2 || links[0].FirstSeen != d("2025-03-04") {
		t.Errorf("the answer was not used: %+v", links)
	}
}

func TestExportRefusals(t *testing.T) {
	for header, says := range map[string]string{
		"Subnet,Ref. domains,Top DR,Links to target,New links,Lost links,Dofollow links,First seen,Lost,IPs in subnet,Country,ISP": "This is Ahrefs' referring IPs report (Subnet, Ref. domains, Top DR, …), not a backlink export. Export “Backlinks” instead.",
		"Domain,Is spam,DR,Dofollow ref. domains,Dofollow linked domains,Traffic ,Keywords ,Links to target,First seen,Lost":       "Ahrefs' referring domains",
		"Anchor text,Ref. domains,Top DR,Ref. pages,Links to target,New links,Lost links":                                          "Ahrefs' anchors",
		"Keyword,Country,Volume,KD,Current position":                                                                               "organic keywords",
		"Page ascore,Source title,Source url,Target url,Anchor,External links,Internal links,Nofollow":                             "Semrush's backlinks report (Page ascore, Source title, Source url, …), which cannot be read yet",
		"Source url,Source title,Response code,Backlinks,Domains,External links,Internal links,Last seen":                          "your own pages",
		"Domain ascore,Domain,Backlinks,IP Address,Country,First seen,Last seen":                                                   "Semrush's referring domains",
		"Domain ascore,Domain,Links,First seen,Last seen":                                                                          "Semrush's outgoing domains",
		"Target,Target type,Authority Score,Backlinks,Domains,IPs":                                                                 "comparison",
		"URL,Title,Anchor Text,Spam Score,PA,DA,Linking Domains to Page,Target URL,Link Type,Link State":                           "Moz's inbound links",
		"Target URL,Source URL,Anchor Text,Source Crawl Date,SourceCitationFlow,SourceTrustFlow":                                   "Majestic's backlinks",
		"No,Source Page Title,Source URL,Target URL,Domain Authority,Page Authority,Spam Score":                                    "Ubersuggest",
		"Linking page,Last crawled":                "linking pages",
		"Site,Linking pages,Target pages":          "top linking sites",
		"Target page,Incoming links,Linking sites": "top target pages",
		"Target page,Internal links":               "internal links",
		"Rank,Link text":                           "linking text",
		"Name,Mail,Phone,Town":                     "no backlink export that Landed knows (Name, Mail, Phone, …)",
	} {
		_, err := OpenExport(strings.NewReader(header+"\n1,2,3\n"), ExportOptions{})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), says) {
			t.Errorf("%s: %v", header, err)
		}
	}
	for _, text := range []string{"", "PK\x03\x04xyz", "\n\n"} {
		if _, err := OpenExport(strings.NewReader(text), ExportOptions{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestExportRowLimit(t *testing.T) {
	x, err := OpenExport(strings.NewReader(table(",", fullHeader, fullRow(nil), fullRow(nil), fullRow(nil))), ExportOptions{MaxRows: 2})
	var l Link
	for err == nil {
		_, err = x.Next(&l)
	}
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestRealExports(t *testing.T) {
	dir := os.Getenv("LANDED_REAL_DIR")
	if dir == "" {
		dir = "../../../shared/real"
	}
	f, err := os.Open(filepath.Join(dir, "www.caldea.com-backlinks-subdomains.csv"))
	if err != nil {
		t.Skip("no real files here")
	}
	defer f.Close()
	x, err := OpenExport(f, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	links, bad := readAll(t, x)
	if len(links) != 1508 || len(bad) > 0 || x.NoteCount() > 0 || len(x.Damage()) > 0 {
		t.Errorf("%d links, bad %v, notes %v", len(links), bad, x.Notes())
	}
	if x.Format() != "Ahrefs backlinks, UTF-16LE, tab, 37 columns" {
		t.Error(x.Format())
	}
	said, reasons, lost := map[string]int{}, map[LostReason]int{}, 0
	for _, l := range links {
		if l.Lost() {
			lost++
			said[l.LostSaid]++
			reasons[l.LostReason]++
		}
		if !l.FirstSeen.Known() || !l.LastSeen.Known() || l.Metric != DR || l.Kind == KindUnknown || l.Nofollow == Unknown {
			t.Fatalf("incomplete: %+v", l)
		}
	}
	if want := map[string]int{
		"pageredirected": 66, "removedfromhtml": 57, "pageerror": 49, "notfound": 49, "lostredirect": 17,
		"notcanonical": 9, "noindex": 8, "tooold": 120, "disallowed": 2, "nxdomain": 1,
	}; lost != 378 || !maps.Equal(said, want) {
		t.Errorf("%d lost: %v", lost, said)
	}
	if want := map[LostReason]int{
		Redirected: 83, LinkRemoved: 57, PageError: 49, PageGone: 49, NotCanonical: 9, NoIndex: 8, IndexDropped: 123,
	}; !maps.Equal(reasons, want) {
		t.Errorf("reasons %v", reasons)
	}
	ips, err := os.Open(filepath.Join(dir, "www.caldea.com-refips-subdomains.csv"))
	if err != nil {
		t.Skip("no referring IPs here")
	}
	defer ips.Close()
	if _, err := OpenExport(ips, ExportOptions{}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), "referring IPs") {
		t.Errorf("referring IPs: %v", err)
	}
}
