package main

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// urls is every address and form field of the product that this program knows.
// {site} stands for the number of the site, {after} for a place in the list.
var urls = struct {
	health, signIn             string
	emailField, passwordField  string
	links, deep, dashboard     string
	filtered                   []string
	cursor                     func(day string) string // of the first link older than a day
	yardLinks, yardDashboard   string
	siteNumber, assetsInMarkup *regexp.Regexp
}{
	health: "/healthz", signIn: "/signin", emailField: "email", passwordField: "password",
	links: "/backlinks?site={site}", deep: "/backlinks?site={site}&after={after}", dashboard: "/dashboard?site={site}",
	filtered:       []string{"/backlinks?site={site}&state=suggested", "/lost?site={site}", "/backlinks?site={site}&q=ea"},
	cursor:         func(day string) string { return day + "~9223372036854775807" },
	yardLinks:      "/links",
	yardDashboard:  "/dashboard",
	siteNumber:     regexp.MustCompile(`/sites/(\d+)`),
	assetsInMarkup: regexp.MustCompile(`(?:<script[^>]*\ssrc|<link[^>]*\srel="?(?:stylesheet|preload|icon)"?[^>]*\shref|<use[^>]*\shref)="(/[^"#]+)`),
}

const (
	email    = "bench@example.com"
	password = "a long enough phrase 48213"
)

// addUser makes an admin through the command line.
func (b *bench) addUser(data string) error {
	cmd := b.run("landed", "user", "add", email, "--role", "admin", "--password-stdin", "--data", data)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("landed user add: %w: %s", err, out)
	}
	return nil
}

var hiddenField = regexp.MustCompile(`<input[^>]*type="?hidden"?[^>]*>`)
var attribute = regexp.MustCompile(`(name|value)="([^"]*)"`)

// signIn fills the form as a browser does. Cookies are carried by hand, because
// a cookie jar does not give Secure cookies to http, while browsers do for the local machine.
func (s *server) signIn() error {
	r, body, err := s.get(urls.signIn, "")
	if err != nil {
		return err
	}
	s.keep(r)
	form := url.Values{urls.emailField: {email}, urls.passwordField: {password}}
	for _, input := range hiddenField.FindAll(body, -1) {
		var name, value string
		for _, a := range attribute.FindAllSubmatch(input, -1) {
			if string(a[1]) == "name" {
				name = string(a[2])
			} else {
				value = html.UnescapeString(string(a[2]))
			}
		}
		form.Set(name, value)
	}
	req, err := http.NewRequest(http.MethodPost, s.base+urls.signIn, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.base)
	req.Header.Set("Cookie", s.cookie)
	r, err = s.client.Do(req)
	if err != nil {
		return err
	}
	r.Body.Close()
	s.keep(r)
	if r.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("sign-in answered %s", r.Status)
	}
	return nil
}

// keep merges the cookies of an answer into the header to send.
func (s *server) keep(r *http.Response) {
	jar := map[string]string{}
	for part := range strings.SplitSeq(s.cookie, "; ") {
		if name, value, ok := strings.Cut(part, "="); ok {
			jar[name] = value
		}
	}
	for _, c := range r.Cookies() {
		jar[c.Name] = c.Value
	}
	var parts []string
	for name, value := range jar {
		parts = append(parts, name+"="+value)
	}
	s.cookie = strings.Join(parts, "; ")
}

// site finds the number of the only site in the pages.
func (s *server) site() (string, error) {
	for _, path := range []string{"/sites", "/", "/backlinks"} {
		r, body, err := s.get(path, "")
		if err != nil {
			return "", err
		}
		for _, text := range [][]byte{[]byte(r.Header.Get("Location")), body} {
			if m := urls.siteNumber.FindSubmatch(text); m != nil {
				return string(m[1]), nil
			}
		}
	}
	return "", fmt.Errorf("no page names /sites/ID")
}

// assets lists what a page loads besides itself, each once.
func assets(page []byte) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range urls.assetsInMarkup.FindAllSubmatch(page, -1) {
		if path := html.UnescapeString(string(bytes.TrimSpace(m[1]))); !seen[path] {
			seen[path] = true
			out = append(out, path)
		}
	}
	return out
}
