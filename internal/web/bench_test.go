package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/day"
	"landed/internal/store"
	"landed/internal/testkit"
)

// manyLinks is a workspace with 20,000 links of 5,000 domains over two years.
var manyLinks = func(t testing.TB) string {
	dir := seeded(t)
	st, err := store.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	_, err = st.SaveLinks(context.Background(), 1, func(yield func(backlinks.Link, error) bool) {
		for i := range 20_000 {
			seen := day.Of(testkit.Start) - day.Day(i%700)
			l := backlinks.Link{SourceURL: fmt.Sprintf("https://outlet-%d.example/2026/story-%d", i%5000, i), TargetURL: "https://fern.example/guide", Anchor: "a guide",
				Title: "How rooms stay warm in winter", Kind: backlinks.KindText, Nofollow: backlinks.No, Authority: float64(i % 90), Metric: backlinks.DR,
				FirstSeen: seen, LastSeen: seen, Provider: "ahrefs"}
			if !yield(l, nil) {
				return
			}
		}
	}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// BenchmarkPages measures whole requests, from the session to the last byte of
// HTML, without compression.
func BenchmarkPages(b *testing.B) {
	a := startApp(b, manyLinks(b), "http://localhost:8080")
	browser := a.as(auth.Admin)
	for _, path := range []string{"/backlinks", "/lost", "/pitches", "/dashboard", "/domains"} {
		b.Run(path[1:], func(b *testing.B) {
			req := httptest.NewRequest(http.MethodGet, path, nil)
			for _, c := range browser.Cookies {
				req.AddCookie(c)
			}
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				a.ServeHTTP(w, req)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// BenchmarkReview measures a page of the queue and the fragment that follows a
// skip, with 2,000 links waiting.
func BenchmarkReview(b *testing.B) {
	a := withQueue(b, 2000)
	browser := a.as(auth.Staff)
	for _, htmx := range []bool{false, true} {
		b.Run(fmt.Sprintf("htmx=%v", htmx), func(b *testing.B) {
			req := httptest.NewRequest(http.MethodGet, "/review?of=2000", nil)
			if htmx {
				req.Header.Set("HX-Request", "true")
			}
			for _, c := range browser.Cookies {
				req.AddCookie(c)
			}
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				a.ServeHTTP(w, req)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
