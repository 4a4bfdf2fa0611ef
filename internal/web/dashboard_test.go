package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"

	"github.com/PuerkitoBio/goquery"
)

func linksOf(list []backlinks.Link) iter.Seq2[backlinks.Link, error] {
	return func(yield func(backlinks.Link, error) bool) {
		for _, l := range list {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// fillYear makes a year of outreach up to the day of the clock: pitches of three
// people, the links that some of them earned, links of strangers, losses and a
// snapshot a day.
func fillYear(ctx context.Context, st *store.Store) error {
	r := rand.New(rand.NewPCG(7, 7))
	today := days.Of(testkit.Start)
	by := store.By{AccountID: 3, Name: "Maya Staff"}
	var list []pitches.Pitch
	var links []backlinks.Link
	for i := range 240 {
		host := fmt.Sprintf("outlet-%d.example", i)
		p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: host}, Subject: fmt.Sprintf("Ferns, part %d", i), Status: pitches.Pitched, SentOn: today - days.Day(i*365/240),
			OwnerID: int64(1 + i%3), Campaign: []string{"Spring data", "Guest posts", ""}[i%5%3], TargetURL: "https://fern.example/guide"}
		if i%11 == 0 {
			p.OwnerID, p.OwnerName = 0, "Cleo Marsh"
		}
		switch r.IntN(6) {
		case 0, 1:
			p.Status, p.RepliedOn = pitches.Replied, p.SentOn+2
		case 2:
			p.Status = pitches.Declined
		case 3:
			p.Status = pitches.Accepted
		}
		if i%4 == 0 {
			p.CostCents, p.Currency = int64(5000+r.IntN(20000)), "USD"
		}
		list = append(list, p)
		if i > 10 && i%5 == 1 {
			links = append(links, earned(r, host, i, p.SentOn, today))
		}
	}
	for i := range 160 {
		l := backlinks.Link{SourceURL: fmt.Sprintf("https://stranger-%d.example/post", i), TargetURL: "https://fern.example/", Title: "Ferns", Anchor: "ferns", Provider: "ahrefs",
			FirstSeen: today - days.Day(r.IntN(365)), Authority: float64(r.IntN(80)), Metric: backlinks.DR}
		l.LastSeen = l.FirstSeen
		links = append(links, l)
	}
	if _, err := st.ImportPitches(ctx, by, 1, list, nil, nil); err != nil {
		return err
	}
	if _, err := st.SaveLinks(ctx, 1, linksOf(links), false, nil); err != nil {
		return err
	}
	for i := range 365 {
		n := backlinks.Snapshot{On: today - days.Day(364-i), Provider: "ahrefs", Metric: backlinks.DR, Authority: 40 + float64(i/24), RefDomains: int64(900 + i + i*i/900), Backlinks: int64(4000 + 3*i)}
		if err := st.SaveSnapshot(ctx, 1, n); err != nil {
			return err
		}
	}
	return nil
}

func earned(r *rand.Rand, host string, i int, sent, today days.Day) backlinks.Link {
	l := backlinks.Link{SourceURL: "https://" + host + "/ferns", TargetURL: "https://fern.example/guide", Title: "Ferns", Anchor: "a guide", Provider: "ahrefs", Kind: backlinks.KindText,
		Nofollow: backlinks.TriOf(i%4 == 0), FirstSeen: min(sent+days.Day(1+r.IntN(40)), today), Authority: float64(20 + i%70), Metric: backlinks.DR}
	l.LastSeen = min(l.FirstSeen+90, today)
	if i%20 == 1 {
		l.TargetURL = "https://fern.example/elsewhere" // below the limit: suggested, or not at all
		l.FirstSeen = min(sent+100, today)
		l.LastSeen = l.FirstSeen
	}
	if i%15 == 1 && l.LastSeen < today {
		l.LostOn, l.LostReason = l.LastSeen+1, []backlinks.LostReason{backlinks.LinkRemoved, backlinks.PageGone}[i%2]
	}
	return l
}

var yearSeed = testkit.Seed(func(ctx context.Context, st *store.Store) error {
	if err := fillAccounts(ctx, st); err != nil {
		return err
	}
	return fillYear(ctx, st)
})

func fillAccounts(ctx context.Context, st *store.Store) error {
	hash, err := cheapHasher().Hash(ctx, goodPassword)
	if err != nil {
		return err
	}
	for _, r := range []auth.Role{auth.Admin, auth.Manager, auth.Staff, auth.Viewer} {
		if _, err := st.CreateAccount(ctx, store.By{Name: "command line"}, store.NewAccount{Email: email(r), Name: "Maya " + r.Label(), Role: r, PasswordHash: hash}); err != nil {
			return err
		}
	}
	_, err = st.CreateSite(ctx, "fern.example")
	return err
}

func withYear(t testing.TB) *app { return startApp(t, yearSeed(t), "http://localhost:8080") }

// Every number leads to the rows behind it, and there are as many.
func TestDashboardNumbersAreTheirRows(t *testing.T) {
	a := withYear(t)
	for _, period := range []string{"", "?p=lq", "?p=12m", "?p=all", "?from=2025-05-05&to=2025-11-11", "?p=24m&by=c", "?p=6m&range=3m"} {
		page := a.as(auth.Manager).Get("/dashboard" + period).Want(200)
		checked := 0
		check := func(what, text, href string) {
			n, err := strconv.Atoi(strings.ReplaceAll(firstNumber.FindString(text), ",", ""))
			if err != nil {
				return // a rate: its parts are linked on their own
			}
			checked++
			if got := a.behind(t, href); got != n {
				t.Errorf("/dashboard%s, %s: %q leads to %d rows, %s", period, what, text, got, href)
			}
		}
		page.Find(".lead a, #ll li a, .funnel td a, #win td a, #earned td a, #co td a, .kpi dd a").Each(func(_ int, s *goquery.Selection) {
			href, text := s.AttrOr("href", ""), s.Text()
			if s.Closest("#ll").Length() > 0 {
				text = s.Parent().Find("b").Text()
			}
			if strings.ContainsAny(text, "%–$") {
				return
			}
			check(s.Closest("section, header, .kpi").AttrOr("aria-labelledby", "head"), text, href)
		})
		page.Find("figure#place tbody tr").Each(func(_ int, s *goquery.Selection) {
			sum := 0
			s.Find("td").Each(func(_ int, td *goquery.Selection) { n, _ := strconv.Atoi(td.Text()); sum += n })
			if sum > 0 {
				check("month", fmt.Sprint(sum), s.Find("a").AttrOr("href", ""))
			}
		})
		page.Find("figure#rd tbody td a, figure#rd g.marks a, figure#dr g.marks a").Each(func(_ int, s *goquery.Selection) {
			href := s.AttrOr("href", "")
			switch text := s.Text(); {
			case strings.HasPrefix(href, "/pitches/") && text == "":
			case strings.TrimSpace(text) == "":
				check("mark", "1", href)
			default:
				check("mark", text, href)
			}
		})
		if checked < 20 {
			t.Errorf("/dashboard%s: only %d numbers had rows to compare", period, checked)
		}
	}
}

var firstNumber = regexp.MustCompile(`[\d,]+`)

// behind counts the rows that an address lists, as its page would.
func (a *app) behind(t *testing.T, href string) int {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	r := newGet(t, href)
	switch u.Path {
	case "/backlinks", "/lost":
		q, err := readLinkQuery(r, u.Path, 1)
		if err != nil {
			t.Fatal(href, err)
		}
		q.filter.Limit = 500
		page, err := a.Store.ListLinks(t.Context(), q.filter)
		if err != nil || page.Total.N != len(page.Rows) {
			t.Fatalf("%s: %d rows, total %d, %v", href, len(page.Rows), page.Total.N, err)
		}
		return page.Total.N
	case "/dashboard/placements":
		f, _, err := readPartQuery(r.URL.Query(), 1)
		if err != nil {
			t.Fatal(href, err)
		}
		f.Limit = 500
		page, err := a.Store.ListTouches(t.Context(), f)
		if err != nil || page.Next != "" {
			t.Fatalf("%s: %d rows, next %q, %v", href, len(page.Rows), page.Next, err)
		}
		return len(page.Rows)
	case "/domains":
		q, err := readDomainQuery(r, 1)
		if err != nil {
			t.Fatal(href, err)
		}
		page, err := a.Store.ListDomains(t.Context(), q.filter)
		if err != nil {
			t.Fatal(href, err)
		}
		return page.Total.N
	case "/pitches":
		n, err := a.Store.CountPitches(t.Context(), parsePitchQuery(u.Query()).filter(1, 2, days.Of(a.Now())))
		if err != nil {
			t.Fatal(href, err)
		}
		return n.N
	}
	t.Fatalf("%q is no list", href)
	return 0
}

func TestDashboardAnswersFirst(t *testing.T) {
	a := withYear(t)
	page := a.as(auth.Viewer).Get("/dashboard?p=12m").Want(200)
	head := page.Text("h1")
	if !regexp.MustCompile(`^Outreach brought \d+ of \d+ new referring domains$`).MatchString(head) {
		t.Error(head)
	}
	lead := page.Text(".lead")
	if !regexp.MustCompile(`^fern\.example, 1 Apr 2025 to 1 Mar 2026\. \d+ placements, \d+ not confirmed yet\.( \d+ more links? waits? for review\.)?$`).MatchString(lead) {
		t.Error(lead)
	}
	parts := page.Find("#sh td.r a").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	sum := 0
	for _, p := range parts {
		n, _ := strconv.Atoi(p)
		sum += n
	}
	if want := firstNumber.FindAllString(head, -1); len(parts) != 3 || fmt.Sprint(sum) != want[1] || parts[0] != want[0] {
		t.Errorf("parts %v do not sum to the total of %q", parts, head)
	}
	for _, id := range []string{"rd", "dr"} {
		if page.Find("figure#"+id+" path.ln").Length() == 0 || page.Find("figure#"+id+" g.marks.fine a").Length() < 5 || page.Find("figure#"+id+" table tbody tr").Length() < 12 {
			t.Errorf("the chart %s has no curve, marks or table", id)
		}
	}
	if page.Find(".kpi .pop").Length() != page.Find(".kpi").Length() {
		t.Error("a figure without its definition")
	}
	page.Has("As of 1 Mar 2026, 09:00 UTC")
}

func TestCostsAreForManagers(t *testing.T) {
	a := withYear(t)
	for role, sees := range map[auth.Role]bool{auth.Viewer: false, auth.Staff: false, auth.Manager: true, auth.Admin: true} {
		b := a.as(role)
		page := b.Get("/dashboard?p=12m").Want(200)
		if got := strings.Contains(page.Body, "Cost per") && strings.Contains(page.Body, "$"); got != sees {
			t.Errorf("%s sees costs: %t", role, got)
		}
		b.Get("/dashboard.csv?p=12m").Want(200).Lacks("cost")
	}
}

func TestWinRateTabs(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Viewer)
	for _, c := range []struct{ by, head, row string }{{"p", "Person", "Cleo Marsh"}, {"c", "Campaign", "No campaign"}} {
		got := b.Do(testkit.Request{Path: "/dashboard/win?p=12m&by=" + c.by, HTMX: true}).Want(200)
		if got.Find("html").Find("nav").Length() > 0 || got.Text("#win th") != c.head || !strings.Contains(got.Text("#win table"), c.row) {
			t.Errorf("by=%s: %s", c.by, got.Text("#win"))
		}
		whole := b.Get("/dashboard?p=12m&by=" + c.by).Want(200)
		if whole.Text("#win table") != got.Text("#win table") {
			t.Errorf("by=%s: page and fragment differ", c.by)
		}
		if got.Text("#win .seg a[aria-current]") != c.head {
			t.Error("the tab is not marked")
		}
	}
	b.Get("/dashboard/win?p=12m&by=c").To("/dashboard?by=c&p=12m")
}

func TestBadPeriodsAreSaid(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Viewer)
	for _, q := range []string{"from=yesterday", "from=2026-02-01&to=2026-01-01", "to=2026-13-01", "from=%22%3E%3Cscript%3E"} {
		page := b.Get("/dashboard?"+q).Want(422).Lacks("<script>alert", `"><script>`)
		if page.Text(".note.bad") == "" || page.Find(".kpi").Length() == 0 {
			t.Errorf("%s: no message, or no figures", q)
		}
		b.Get("/dashboard.csv?" + q).Want(422)
	}
	b.Get("/dashboard?p=nonsense").Want(200)
}

func TestDashboardOfNothing(t *testing.T) {
	a := newApp(t)
	admin, viewer := a.as(auth.Admin), a.as(auth.Viewer)
	admin.Get("/dashboard").Want(200).Has("No links and no pitches yet", `href="/import"`)
	viewer.Get("/dashboard").Want(200).Has("No links and no pitches yet").Lacks(`href="/import" class="btn pri"`)
	if err := a.Store.SaveSnapshot(t.Context(), 1, backlinks.Snapshot{On: days.Of(a.Now()), Provider: "ahrefs", Metric: backlinks.DR, Authority: 30, RefDomains: 12}); err != nil {
		t.Fatal(err)
	}
	page := viewer.Get("/dashboard").Want(200).Has("A curve needs 3 points", "No new referring domains in this period", "No pitch was sent in this period", "No placement was lost")
	if page.Find(".kpi").Length() != 6 || strings.Contains(page.Body, "NaN") || page.Text("#fn") == "" {
		t.Error("a new workspace has no honest figures")
	}
	a.addPitchOn(t, days.Of(a.Now()))
	page = viewer.Get("/dashboard").Want(200)
	if got := page.Text("#k-wr, .kpi:nth-child(5) dd"); got != "–" {
		t.Errorf("a rate of one pitch is printed: %q", got)
	}
	page.Has("0 of 1 pitch sent", "Still open")
}

func (a *app) addPitchOn(t *testing.T, sent days.Day) {
	t.Helper()
	if _, err := a.Store.CreatePitch(t.Context(), store.By{AccountID: 3, Name: "Maya Staff"}, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: "paper.example"},
		Status: pitches.Pitched, SentOn: sent}); err != nil {
		t.Fatal(err)
	}
}

func TestDashboardCSV(t *testing.T) {
	a := withYear(t)
	b := a.as(auth.Viewer)
	res := b.Get("/dashboard.csv?p=12m").Want(200)
	rows, err := csv.NewReader(strings.NewReader(res.Body)).ReadAll()
	if err != nil || len(rows) != 13 || !strings.Contains(res.Header.Get("Content-Disposition"), "landed-months-fern.example.csv") {
		t.Fatal(len(rows), err, res.Header)
	}
	col := map[string]int{}
	for i, name := range rows[0] {
		col[name] = i
	}
	sum := func(name string) (n int) {
		for _, r := range rows[1:] {
			k, _ := strconv.Atoi(r[col[name]])
			n += k
		}
		return n
	}
	if sum("domains_outreach")+sum("domains_unreviewed")+sum("domains_organic") != sum("domains_new") {
		t.Error("the parts of the new domains do not sum to them")
	}
	if got := b.Get("/dashboard?p=12m").Text(".kpi dd"); got != grouped(sum("placements")) {
		t.Errorf("the page says %s placements, the file %d", got, sum("placements"))
	}
}

// Golden keeps the page of a fixed day as it was looked at.
func TestDashboardGolden(t *testing.T) {
	a := withYear(t)
	body, _ := a.as(auth.Manager).Get("/dashboard?p=12m").Want(200).Find("main").Html()
	for _, cut := range []string{`name="csrf" value="[^"]*"`, `app\.[0-9a-f]+\.css`, `icons\.[0-9a-f]+\.svg`} {
		body = regexp.MustCompile(cut).ReplaceAllString(body, "…")
	}
	file := "testdata/dashboard.golden"
	if *updateGolden {
		if err := os.WriteFile(file, []byte(body+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || body+"\n" != string(want) {
		t.Errorf("the dashboard differs from %s; look at it, then run with -update: %v", file, err)
	}
}
