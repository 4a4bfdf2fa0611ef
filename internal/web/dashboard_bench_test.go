package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

// large is a workspace of 100,000 links and 10,000 pitches over two years, in
// which about one pitch in six has landed.
var large = testkit.Seed(func(ctx context.Context, st *store.Store) error {
	if err := fillAccounts(ctx, st); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(11, 12))
	today := days.Of(testkit.Start)
	var list []pitches.Pitch
	var links []backlinks.Link
	for i := range 10_000 {
		host := fmt.Sprintf("outlet-%d.example", i)
		p := pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: host}, Subject: fmt.Sprintf("Idea %d", i), Status: pitches.Statuses[1+i%7], SentOn: today - days.Day(r.IntN(730)),
			OwnerID: int64(1 + i%4), Campaign: fmt.Sprintf("Campaign %d", r.IntN(12)), TargetURL: "https://fern.example/guide", CostCents: int64(r.IntN(30000)), Currency: "USD"}
		list = append(list, p)
		if i%6 == 0 {
			links = append(links, earned(r, host, i, p.SentOn, today))
		}
	}
	for i := len(links); i < 100_000; i++ {
		l := backlinks.Link{SourceURL: fmt.Sprintf("https://stranger-%d.example/post-%d", r.IntN(20_000), i), TargetURL: "https://fern.example/", Anchor: "ferns", Provider: "ahrefs",
			FirstSeen: today - days.Day(r.IntN(730)), Kind: backlinks.KindText}
		if l.LastSeen = today; r.IntN(4) == 0 {
			l.LastSeen = min(l.FirstSeen+days.Day(r.IntN(300)), today)
			l.LostOn, l.LostReason = l.LastSeen, backlinks.PageGone
		}
		links = append(links, l)
	}
	if _, err := st.ImportPitches(ctx, store.By{AccountID: 1, Name: "Maya Admin"}, 1, list, nil, nil); err != nil {
		return err
	}
	if _, err := st.SaveLinks(ctx, 1, linksOf(links), false, nil); err != nil {
		return err
	}
	for i := range 730 {
		n := backlinks.Snapshot{On: today - days.Day(729-i), Provider: "ahrefs", Metric: backlinks.DR, Authority: 40 + float64(i)/40, RefDomains: int64(9000 + 12*i), Backlinks: int64(40_000 + 80*i)}
		if err := st.SaveSnapshot(ctx, 1, n); err != nil {
			return err
		}
	}
	return nil
})

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDashboard asks for the whole page, session and frame included, and
// reports the CPU time of a request.
func BenchmarkDashboard(b *testing.B) {
	a := startApp(b, large(b), "http://localhost:8080")
	who := a.as(auth.Manager)
	for _, path := range []string{"/settings", "/dashboard", "/dashboard?range=3m", "/dashboard?p=12m", "/dashboard?p=24m&range=24m", "/dashboard?p=all&range=all", "/dashboard/win?by=c", "/sites/1"} {
		b.Run(path, func(b *testing.B) {
			res := who.Get(path)
			if path == "/dashboard/win?by=c" {
				res.Want(http.StatusSeeOther)
			} else {
				res.Want(http.StatusOK)
			}
			r := httptest.NewRequest(http.MethodGet, "http://landed.example"+path, nil)
			for _, c := range who.Cookies {
				r.AddCookie(c)
			}
			if path == "/dashboard/win?by=c" {
				r.Header.Set("HX-Request", "true")
			}
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				a.ServeHTTP(httptest.NewRecorder(), r.Clone(b.Context()))
			}
			b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
			b.ReportMetric(float64(len(res.Body)), "bytes")
		})
	}
}
