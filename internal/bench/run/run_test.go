package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCompare(t *testing.T) {
	truth := write(t, "truth.csv", "source_url,target_url,pitch_ref,band,why\n"+
		"a,x,P-1,found,\nb,x,P-2,found,\nc,x,,none,\nd,x,,none,\n")
	head := "link_id,source_url,target_url,pitch_ref,band,reasons\n"
	tests := []struct {
		name, export string
		want         verdict
	}{
		{"all right", "1,a,x,P-1,credited,r\n2,b,x,P-2,suggested,r\n3,c,x,,none,\n4,d,x,P-9,possible,r\n", verdict{rows: 4}},
		{"another pitch", "1,a,x,P-2,credited,r\n2,b,x,P-2,suggested,r\n3,c,x,,none,\n4,d,x,,none,\n", verdict{rows: 4, wrong: 1}},
		{"another band", "1,a,x,P-1,possible,r\n2,b,x,P-2,suggested,r\n3,c,x,,none,\n4,d,x,,none,\n", verdict{rows: 4, wrong: 1}},
		{"credit out of nothing", "1,a,x,P-1,credited,r\n2,b,x,P-2,suggested,r\n3,c,x,P-1,credited,r\n4,d,x,,none,\n", verdict{rows: 4, wrong: 1}},
		{"row lost, row twice", "1,a,x,P-1,credited,r\n1,a,x,P-1,credited,r\n2,b,x,P-2,suggested,r\n3,c,x,,none,\n", verdict{rows: 4, missing: 1, extra: 1}},
		{"no reasons", "1,a,x,P-1,credited,\n2,b,x,P-2,suggested,r\n3,c,x,,none,\n4,d,x,,none,\n", verdict{rows: 4, silent: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := compare(truth, write(t, "export.csv", head+tt.export))
			if err != nil {
				t.Fatal(err)
			}
			first := got.first
			if got.first = ""; got != tt.want {
				t.Errorf("got %+v (%s), want %+v", got, first, tt.want)
			}
		})
	}
	if _, err := compare(truth, write(t, "export.csv", "link_id,source_url\n")); err == nil || !strings.Contains(err.Error(), "target_url") {
		t.Errorf("an export without columns gave %v", err)
	}
}

func TestMiddle(t *testing.T) {
	got := middle([]cost{{wall: 5, cpu: 1, rss: 9}, {wall: 1, cpu: 3, rss: 7}, {wall: 3, cpu: 2, rss: 8}})
	if got.wall != 3 || got.cpu != 2 || got.rss != 8 {
		t.Errorf("got %+v", got)
	}
}

func TestSignInCarriesFieldsAndCookies(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /signin", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "__Host-s", Value: "anonymous", Path: "/", Secure: true})
		fmt.Fprint(w, `<form method="post"><input type="hidden" name="csrf" value="a&amp;b"><input name="email"></form>`)
	})
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("__Host-s")
		if err != nil || c.Value != "anonymous" || r.FormValue("csrf") != "a&b" || r.FormValue("email") != email || r.FormValue("password") != password {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "__Host-s", Value: "signed-in", Path: "/", Secure: true})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /sites", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("__Host-s"); err == nil && c.Value == "signed-in" {
			fmt.Fprint(w, `<a href="/sites/12/dashboard">brand.example</a>`)
		}
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	client := web.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &server{base: web.URL, client: client}
	if err := s.signIn(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.site(); err != nil || got != "12" {
		t.Errorf("site %q, %v", got, err)
	}
}

func TestAssets(t *testing.T) {
	page := []byte(`<link rel="stylesheet" href="/static/app.1.css"><script defer src="/static/app.1.js"></script>` +
		`<svg><use href="/static/icons.1.svg#a"></use></svg><svg><use href="/static/icons.1.svg#b"></use></svg><a href="/pitches">`)
	if got := assets(page); !slices.Equal(got, []string{"/static/app.1.css", "/static/app.1.js", "/static/icons.1.svg"}) {
		t.Errorf("got %q", got)
	}
}

func TestDayOfRow(t *testing.T) {
	path := write(t, "links.csv", "First seen,x\n2025-01-02 03:04:05,\n2025-03-01 00:00:00,\n2024-12-31 00:00:00,\n")
	if got, err := dayOfRow(path, 1); err != nil || got != "2025-01-02" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLoopCountsFailures(t *testing.T) {
	n := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n%2 == 0 {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer web.Close()
	s := &server{name: "test", base: web.URL, client: web.Client()}
	if err := s.once(t.Context(), "/"); err != nil {
		t.Error(err)
	}
	if err := s.once(t.Context(), "/"); err == nil {
		t.Error("418 was taken for success")
	}
	if ratio(3*time.Second, 2*time.Second) != 1.5 {
		t.Error("ratio is wrong")
	}
}
