package attribution

import (
	"testing"

	"landed/internal/weburl"
)

func TestPathRules(t *testing.T) {
	for _, c := range []struct{ url, ugc, index string }{
		{"https://example.com", "", ""},
		{"https://example.com/story", "", ""},
		{"https://example.com/forum/t/1", "forum", ""},
		{"https://example.com/a/Comments/7", "comments", ""},
		{"https://example.com/user/ann", "user", ""},
		{"https://example.com/members", "members", ""},
		{"https://example.com/forum-of-rome", "", ""},
		{"https://example.com/a?page=forum/tag", "", ""},
		{"https://forum.example.com/a", "", ""},
		{"https://example.com/tag/money", "", "tag"},
		{"https://example.com/en/blog/tags/money", "", "tags"},
		{"https://example.com/a/b/c/tag/money", "", ""},
		{"https://example.com/category/news", "", "category"},
		{"https://example.com/category/news/page/12", "", "category"},
		{"https://example.com/category/news/some-article", "", ""},
		{"https://example.com/author/ann", "", "author"},
		{"https://example.com/authors", "", "authors"},
		{"https://example.com/author/ann/2026/05/story", "", ""},
		{"https://example.com/feed", "", "feed"},
		{"https://example.com/2026/05/story/feed", "", "feed"},
		{"https://example.com/feed/rss2", "", "feed"},
		{"https://example.com/blog/rss.xml", "", "rss.xml"},
		{"https://example.com/feed/the-birds", "", ""},
		{"https://www.reddit.com/user/ann/comments/1/x", "comments", ""},
		{"https://www.reddit.com/user/ann", "", ""},
	} {
		p, err := weburl.Default().Page(c.url)
		if err != nil {
			t.Fatal(err)
		}
		l := Link{Source: p}
		var f facts
		f.reset(&l)
		f.readPath(&l)
		if f.ugc != c.ugc || f.index != c.index {
			t.Errorf("%s (outlet %s): ugc %q, index %q; want %q, %q", c.url, f.key, f.ugc, f.index, c.ugc, c.index)
		}
	}
}
