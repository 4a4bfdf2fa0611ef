package weburl

import (
	"net/url"
	"strings"
)

// inner returns the address of the page that a is a copy of. It looks at the
// normal form only, where "http://" inside a path has become "http:/".
func (a address) inner() (string, bool) {
	host, path := a.host(), a.path()
	switch {
	case path == "" && !strings.HasSuffix(host, ".translate.goog"):
		return "", false
	case strings.HasSuffix(host, "cdn.ampproject.org"), strings.HasSuffix(host, ".bing-amp.com"):
		return ampCache(path)
	case strings.HasSuffix(host, ".translate.goog"):
		return translated(strings.TrimSuffix(host, ".translate.goog"), path)
	case strings.HasPrefix(host, "google.") && a.hostLen == len("google.")+a.suffix:
		if rest, ok := strings.CutPrefix(path, "/amp/"); ok {
			return ampPage(rest)
		}
	case host == "webcache.googleusercontent.com":
		return cached(queryValue(path, "q"))
	case host == "translate.googleusercontent.com",
		strings.HasPrefix(host, "translate.google.") && a.hostLen == len("translate.google.")+a.suffix:
		u := queryValue(path, "u")
		return u, u != ""
	case host == "web.archive.org":
		return archived(path)
	}
	return "", false
}

// ampCache reads "/c/s/example.com/p": a content type (c, v, i, r, wp), "s"
// for https, the page. The host only repeats the page's host with hyphens.
func ampCache(path string) (string, bool) {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || len(kind) > 2 || path[0] != '/' {
		return "", false
	}
	return ampPage(rest)
}

func ampPage(rest string) (string, bool) {
	rest = strings.TrimPrefix(rest, "s/")
	return dropParams(rest, func(name string) bool {
		return name == "usqp" || strings.HasPrefix(name, "amp_")
	}), rest != ""
}

// translated undoes the host spelling of Google's translation proxy: "." is
// "-" and "-" is "--"; _x_tr_hp holds what had to be put before the name, and
// _x_tr_enc with "1" tells of a "1-" put there in its place.
func translated(label, path string) (string, bool) {
	label = queryValue(path, "_x_tr_hp") + label
	if strings.Contains(queryValue(path, "_x_tr_enc"), "1") {
		label = strings.TrimPrefix(label, "1-")
	}
	host := strings.ReplaceAll(label, "--", "\x00")
	host = strings.ReplaceAll(host, "-", ".")
	host = strings.ReplaceAll(host, "\x00", "-")
	return host + dropParams(path, func(name string) bool {
		return strings.HasPrefix(name, "_x_tr_")
	}), true
}

// cached reads "cache:ID:example.com/p words searched for".
func cached(q string) (string, bool) {
	q, ok := strings.CutPrefix(q, "cache:")
	if !ok {
		return "", false
	}
	q, _, _ = strings.Cut(q, " ")
	if id, rest, ok := strings.Cut(q, ":"); ok && !strings.Contains(id, ".") && !strings.HasPrefix(id, "http") {
		q = rest
	}
	return q, q != ""
}

// archived reads "/web/20260301120000/http:/example.com/p"; the time stamp may
// carry a letter code ("if_", "id_") or be "*".
func archived(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "/web/")
	if !ok {
		return "", false
	}
	if stamp, page, ok := strings.Cut(rest, "/"); ok && strings.IndexByte("*0123456789", (stamp + " ")[0]) >= 0 {
		return page, page != ""
	}
	return "", false
}

// queryValue is the decoded value of the first parameter called name in a
// normalised path, or "".
func queryValue(path, name string) string {
	_, query, _ := strings.Cut(path, "?")
	query, _, _ = strings.Cut(query, "#")
	for part := range strings.SplitSeq(query, "&") {
		if n, v, _ := strings.Cut(part, "="); n == name {
			if v, err := url.QueryUnescape(v); err == nil {
				return v
			}
		}
	}
	return ""
}

// dropParams returns path without the query parameters that the copy added.
func dropParams(path string, added func(name string) bool) string {
	path, fragment, _ := strings.Cut(path, "#")
	path, query, _ := strings.Cut(path, "?")
	sep := byte('?')
	b := []byte(path)
	for part := range strings.SplitSeq(query, "&") {
		if n, _, _ := strings.Cut(part, "="); part != "" && !added(n) {
			b = append(append(b, sep), part...)
			sep = '&'
		}
	}
	if fragment != "" {
		b = append(append(b, '#'), fragment...)
	}
	return string(b)
}
