package ahrefstest

import (
	"cmp"
	"strings"
	"time"
)

// sort of value that a column holds.
type kind int

const (
	text kind = iota
	number
	truth
	moments // a timestamp
	date
	texts // a list
	numbers
)

// use of a column.
type use int

const (
	anywhere  use = iota
	whereOnly     // may be asked but not shown
	selectOnly
)

// field is a field of an endpoint: its price, its type and where it may stand.
type field[T any] struct {
	of    func(T) any
	kind  kind
	price int // 0 = 1 unit
	use   use
	plain bool // shown and asked, but not sorted by
}

type table[T any] map[string]field[T]

// each is the value of a field that a row has many of: where asks for any of them.
type each []any

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func constant[T any](v any) func(T) any { return func(T) any { return v } }

// some is a made-up number of a link, the same each time.
func some(limit uint64, salt string) func(*backlink) any {
	return func(b *backlink) any { return int(hashOf(b.root, salt) % limit) }
}

func isKind(kinds ...string) func(*backlink) any {
	return func(b *backlink) any {
		for _, k := range kinds {
			if b.kind() == k {
				return true
			}
		}
		return false
	}
}

func plainURL(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

func port(way string) any {
	if way == "http" {
		return 80
	}
	return 443
}

// ownWay is where the target's redirects lead; links of kind redirect have one.
func ownWay(b *backlink) any {
	if b.kind() != "redirect" {
		return []string{}
	}
	return []string{b.To}
}

func redirectCode(b *backlink) any {
	if b.kind() != "redirect" {
		return nil
	}
	return 301
}

func redirectKinds(b *backlink) any {
	if b.kind() != "redirect" {
		return []int{}
	}
	return []int{301}
}

// rank is a made-up place in the world for a rating.
func rank(dr float64) int { return 1 + int((100-min(100, max(0, dr)))*(100-min(100, max(0, dr)))*1000) }

// rank hardly ever is the same for two domains, as ratings are.
func (b *backlink) rank() any { return rank(b.DR) + int(hashOf(b.root)%1000) }

// backlinkColumns are the fields of all-backlinks.
var backlinkColumns = table[*backlink]{
	"ahrefs_rank_source":           {of: (*backlink).rank, kind: number},
	"ahrefs_rank_target":           {of: constant[*backlink](500_000), kind: number},
	"alt":                          {of: func(b *backlink) any { return nil }},
	"anchor":                       {of: func(b *backlink) any { return b.Anchor }},
	"broken_redirect_new_target":   {of: constant[*backlink](nil)},
	"broken_redirect_reason":       {of: constant[*backlink](nil)},
	"broken_redirect_source":       {of: constant[*backlink](nil)},
	"class_c":                      {of: some(40, "class_c"), kind: number, price: 5},
	"discovered_status":            {of: (*backlink).discovered},
	"domain_rating_source":         {of: func(b *backlink) any { return b.DR }, kind: number},
	"domain_rating_target":         {of: constant[*backlink](40.0), kind: number},
	"drop_reason":                  {of: (*backlink).dropReason},
	"encoding":                     {of: constant[*backlink]("utf8")},
	"first_seen":                   {of: func(b *backlink) any { return at(b.pageSeen) }, kind: moments},
	"first_seen_link":              {of: func(b *backlink) any { return at(b.firstSeen) }, kind: moments},
	"http_code":                    {of: func(b *backlink) any { return cmp.Or(b.HTTPCode, 200) }, kind: number},
	"http_crawl":                   {of: constant[*backlink](true), kind: truth},
	"ip_source":                    {of: constant[*backlink]("192.0.2.7")},
	"is_alternate":                 {of: isKind("alternate"), kind: truth},
	"is_canonical":                 {of: isKind("canonical"), kind: truth},
	"is_content":                   {of: isKind("text", "image"), kind: truth},
	"is_dofollow":                  {of: func(b *backlink) any { return b.Dofollow }, kind: truth},
	"is_form":                      {of: isKind("form"), kind: truth},
	"is_frame":                     {of: isKind("frame"), kind: truth},
	"is_homepage_link":             {of: func(b *backlink) any { _, rest := split(b.From); return rest == "/" }, kind: truth, use: whereOnly},
	"is_image":                     {of: isKind("image"), kind: truth},
	"is_lost":                      {of: func(b *backlink) any { return !b.live() }, kind: truth},
	"is_new":                       {of: func(b *backlink) any { return b.fresh }, kind: truth},
	"is_nofollow":                  {of: func(b *backlink) any { return b.Nofollow || !b.Dofollow && !b.UGC && !b.Sponsored }, kind: truth},
	"is_non_html":                  {of: constant[*backlink](false), kind: truth, use: whereOnly},
	"is_redirect":                  {of: isKind("redirect"), kind: truth},
	"is_redirect_lost":             {of: func(b *backlink) any { return b.kind() == "redirect" && !b.live() }, kind: truth},
	"is_root_source":               {of: func(b *backlink) any { return b.host == b.root }, kind: truth},
	"is_root_target":               {of: func(b *backlink) any { return b.toHost == b.toRoot }, kind: truth},
	"is_rss":                       {of: isKind("rss"), kind: truth},
	"is_spam":                      {of: func(b *backlink) any { return b.Spam }, kind: truth},
	"is_sponsored":                 {of: func(b *backlink) any { return b.Sponsored }, kind: truth},
	"is_text":                      {of: isKind("text"), kind: truth},
	"is_ugc":                       {of: func(b *backlink) any { return b.UGC }, kind: truth},
	"js_crawl":                     {of: constant[*backlink](false), kind: truth},
	"languages":                    {of: constant[*backlink]([]string{"en"}), kind: texts},
	"last_seen":                    {of: func(b *backlink) any { return at(b.lastSeen) }, kind: moments},
	"last_visited":                 {of: func(b *backlink) any { return at(b.visited) }, kind: moments},
	"len_url_redirect":             {of: func(b *backlink) any { return len(ownWay(b).([]string)) }, kind: number, use: whereOnly},
	"link_group_count":             {of: func(b *backlink) any { return b.count }, kind: number, plain: true},
	"link_type":                    {of: func(b *backlink) any { return b.kind() }},
	"linked_domains_source_domain": {of: some(900, "linked"), kind: number},
	"linked_domains_source_page":   {of: some(40, "linked page"), kind: number},
	"linked_domains_target_domain": {of: constant[*backlink](120), kind: number},
	"links_external":               {of: some(80, "external"), kind: number},
	"links_internal":               {of: some(200, "internal"), kind: number},
	"lost_reason":                  {of: (*backlink).lostReason},
	"name_source":                  {of: func(b *backlink) any { return b.host }},
	"name_target":                  {of: func(b *backlink) any { return b.toHost }},
	"noindex":                      {of: func(b *backlink) any { return b.lostReason() == "noindex" }, kind: truth},
	"page_category_source":         {of: constant[*backlink]("/News")},
	"page_size":                    {of: some(90_000, "size"), kind: number},
	"page_type_source":             {of: constant[*backlink]("/Article")},
	"port_source":                  {of: func(b *backlink) any { return port(b.scheme) }, kind: number},
	"port_target":                  {of: func(b *backlink) any { return port(b.toWay) }, kind: number},
	"positions":                    {of: some(300, "positions"), kind: number},
	"positions_source_domain":      {of: some(9000, "positions of all"), kind: number, use: whereOnly},
	"powered_by":                   {of: constant[*backlink]([]string{}), kind: texts},
	"redirect_code":                {of: redirectCode, kind: number},
	"redirect_kind":                {of: redirectKinds, kind: numbers},
	"refdomains_source":            {of: some(50, "refdomains of page"), kind: number, price: 5},
	"refdomains_source_domain":     {of: some(5000, "refdomains"), kind: number, price: 5},
	"refdomains_target_domain":     {of: constant[*backlink](300), kind: number, price: 5},
	"root_name_source":             {of: func(b *backlink) any { return b.root }},
	"root_name_target":             {of: func(b *backlink) any { return b.toRoot }},
	"snippet_left":                 {of: constant[*backlink]("as ")},
	"snippet_right":                {of: constant[*backlink](" shows")},
	"source_page_author":           {of: constant[*backlink](nil)},
	"source_page_publish_date":     {of: func(b *backlink) any { return b.pageSeen.Format(time.DateOnly) }, kind: date},
	"title":                        {of: func(b *backlink) any { return titleOf(b.From, b.host) }},
	"tld_class_source":             {of: constant[*backlink]("normal")},
	"tld_class_target":             {of: constant[*backlink]("normal")},
	"traffic":                      {of: some(2000, "traffic"), kind: number, price: 10},
	"traffic_domain":               {of: some(900_000, "traffic of all"), kind: number, price: 10},
	"url_from":                     {of: func(b *backlink) any { return b.From }},
	"url_from_plain":               {of: func(b *backlink) any { return plainURL(b.From) }},
	"url_rating_source":            {of: func(b *backlink) any { return float64(b.hash%400) / 10 }, kind: number},
	"url_redirect":                 {of: ownWay, kind: texts},
	"url_redirect_with_target":     {of: ownWay, kind: texts},
	"url_to":                       {of: func(b *backlink) any { return b.To }},
	"url_to_plain":                 {of: func(b *backlink) any { return plainURL(b.To) }},
}
