package attribution

import "strings"

// usersWrite reports a path segment of pages that users write themselves.
func usersWrite(seg string) bool {
	switch seg {
	case "forum", "forums", "comment", "comments", "user", "users",
		"profile", "profiles", "member", "members", "memberlist":
		return true
	}
	return false
}

// listsPages reports a path segment under which a site lists its articles.
func listsPages(seg string) bool {
	switch seg {
	case "tag", "tags", "category", "categories", "author", "authors":
		return true
	}
	return false
}

// noPublication reports a subdomain label of what a publisher runs beside its
// publication.
func noPublication(label string) bool {
	switch label {
	case "forum", "forums", "community", "boards", "jobs", "careers", "support", "help":
		return true
	}
	return false
}

func isFeed(seg string) bool {
	switch seg {
	case "feed", "rss", "atom", "feed.xml", "rss.xml", "atom.xml":
		return true
	}
	return false
}

// feedKind reports what may follow /feed without being an article.
func feedKind(seg string) bool {
	switch seg {
	case "rss", "rss2", "atom", "rdf":
		return true
	}
	return false
}

// readPath fills ugc and index from the path of the source. The part of the
// path that names the outlet itself (reddit.com/user/ann) says nothing about
// the page and is left out.
func (f *facts) readPath(l *Link) {
	if f.paths {
		return
	}
	f.paths = true
	path := l.Source.Path
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	own := strings.Count(f.key, "/")
	for seg := range strings.SplitSeq(path, "/") {
		if seg == "" {
			continue
		}
		if own > 0 {
			own--
			continue
		}
		f.segs = append(f.segs, strings.ToLower(seg))
	}
	f.ugc = userSegment(f.segs)
	f.index = indexSegment(f.segs)
}

func userSegment(segs []string) string {
	for _, s := range segs {
		if usersWrite(s) {
			return s
		}
	}
	return ""
}

// indexSegment finds the segment that makes the page a list: tag, category or
// author among the first three segments and with at most one more after it,
// page numbers (/page/2) apart, or a feed at the end. So /author/ann and
// /blog/tag/x/page/2 are lists, /category/news/some-article is not. A site
// that puts its articles at /category/some-article is not told apart.
func indexSegment(segs []string) string {
	if n := len(segs); n >= 2 && segs[n-2] == "page" {
		segs = segs[:n-2]
	}
	n := len(segs)
	if n == 0 {
		return ""
	}
	if isFeed(segs[n-1]) {
		return segs[n-1]
	}
	if n >= 2 && segs[n-2] == "feed" && feedKind(segs[n-1]) {
		return "feed"
	}
	for i := max(0, n-2); i < min(n, 3); i++ {
		if listsPages(segs[i]) {
			return segs[i]
		}
	}
	return ""
}

// placing is what the pages of a template have in common.
type placing struct{ outlet, target, anchor string }

func placingOf(l *Link) placing {
	return placing{l.Source.Outlet.Key, l.TargetKey, strings.TrimSpace(l.Anchor)}
}

// pagesLike counts the pages of the outlet whose link has the same anchor and
// target, l's own page included. It is 0 unless they are more than the limit.
func (s *run) pagesLike(l *Link) int {
	limit := s.rules.TemplatePages
	if limit <= 0 || len(s.links) <= limit {
		return 0
	}
	if s.shared == nil {
		s.shared = s.countPages(limit)
	}
	if n := s.shared[placingOf(l)]; n > limit {
		return n
	}
	return 0
}

func (s *run) countPages(limit int) map[placing]int {
	links := make(map[placing]int)
	for i := range s.links {
		links[placingOf(&s.links[i])]++
	}
	// Two links of one page may share anchor and target only in broken input,
	// so pages are told apart for the few groups that are large enough.
	pages := make(map[placing]int)
	known := make(map[placing]map[string]bool)
	for i := range s.links {
		p := placingOf(&s.links[i])
		if links[p] <= limit {
			continue
		}
		if known[p] == nil {
			known[p] = make(map[string]bool, links[p])
		}
		if key := s.links[i].Source.Key(); !known[p][key] {
			known[p][key] = true
			pages[p]++
		}
	}
	return pages
}

// oldestPages are the two pages of an outlet that linked to us first.
type oldestPages struct {
	ready         bool
	key           string // of the outlet
	first, second *Link
}

// linkedBefore reports that another page of the outlet linked to us before any
// candidate of l was sent: then it links without being asked.
func (s *run) linkedBefore(l *Link) bool {
	if !s.earliest.Known() || len(s.links) < 2 {
		return false
	}
	o := &s.oldest
	if !o.ready || o.key != s.facts.key { // a run has the links of one key, so this is once
		*o = oldestPages{ready: true, key: s.facts.key}
		for i := range s.links {
			o.add(&s.links[i])
		}
	}
	old := o.first
	if old != nil && samePage(old, l) {
		old = o.second
	}
	return old != nil && int(old.FirstSeen) < int(s.earliest)-s.rules.GraceDays
}

func (o *oldestPages) add(l *Link) {
	if !l.FirstSeen.Known() || l.Source.Outlet.Key != o.key || !l.Kind.Editorial() {
		return
	}
	switch {
	case o.first == nil:
		o.first = l
	case l.FirstSeen < o.first.FirstSeen:
		if !samePage(l, o.first) {
			o.second = o.first
		}
		o.first = l
	case (o.second == nil || l.FirstSeen < o.second.FirstSeen) && !samePage(l, o.first):
		o.second = l
	}
}

// samePage compares without making keys; ports are not looked at.
func samePage(a, b *Link) bool {
	return a.Source.Path == b.Source.Path && a.Source.Host == b.Source.Host
}
