package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"unicode"

	"landed/internal/pitches"
)

const suggestAtMost = 12

// SuggestPitches lists pitches of a site that a link could be reassigned to:
// those in which every word that was typed stands somewhere, in the outlet's
// address or name, contact, subject, campaign or the list's own id, not only at
// the beginning of a word. Pitches to outlets and of campaigns that a word names
// are all searched, others among the site's latest searchedPitches. near is the
// referring domain of the link: pitches that may claim its links come first, and
// are all there is when nothing was typed. Drafts are left out. Twelve at the most.
func (s *Store) SuggestPitches(ctx context.Context, site int64, near, typed string) ([]pitches.Pitch, error) {
	words := searchWords(typed)
	out := make([]pitches.Pitch, 0, suggestAtMost)
	seen := map[int64]bool{}
	add := func(query string, args ...any) error {
		if len(out) == suggestAtMost {
			return nil
		}
		return each(ctx, s.read, func(rows *sql.Rows) error {
			p, err := scanPitch(rows)
			if err == nil && !seen[p.ID] && len(out) < suggestAtMost && hasWords(&p, words) {
				seen[p.ID] = true
				out = append(out, p)
			}
			return err
		}, query, args...)
	}
	if near != "" {
		if err := add(suggestNear, site, domainID(site, near)); err != nil {
			return nil, classify(err, "pitches to the outlet")
		}
	}
	if len(words) == 0 {
		return out, nil
	}
	outlets, err := s.outletsWith(ctx, words)
	if err != nil {
		return nil, classify(err, "outlets")
	}
	for _, id := range outlets {
		if err := add(suggestByOutlet, site, id); err != nil {
			return nil, classify(err, "pitches by outlet")
		}
	}
	campaigns, err := s.Campaigns(ctx, site)
	if err != nil {
		return nil, err
	}
	for _, c := range campaigns {
		if c != "" && anyWord(fold(c), words) {
			if err := add(suggestByCampaign, site, c); err != nil {
				return nil, classify(err, "pitches by campaign")
			}
		}
	}
	if err := add(suggestRecent, site, searchedPitches, likeWord(longest(words))); err != nil {
		return nil, classify(err, "pitches by words")
	}
	return out, nil
}

// searchedPitches are looked through word by word: no index has the words of
// subjects and contacts, and a person waits for each keystroke.
const searchedPitches = 5000

const suggestNear = `SELECT ` + pitchColumns + pitchTables + `WHERE p.id IN (SELECT pitch_id FROM pitch_domain WHERE domain_id = $2)
	AND +p.site_id = $1 AND p.deleted_at = '' AND p.status <> 'draft' ORDER BY p.sent_on DESC, p.id DESC LIMIT 100`

const suggestByOutlet = `SELECT ` + pitchColumns + pitchTables + `WHERE p.outlet_id = $2
	AND +p.site_id = $1 AND p.deleted_at = '' AND p.status <> 'draft' ORDER BY p.sent_on DESC, p.id DESC LIMIT 100`

const suggestByCampaign = `SELECT ` + pitchColumns + pitchTables + `WHERE p.site_id = $1 AND p.campaign = $2
	AND p.deleted_at = '' AND +p.status <> 'draft' ORDER BY p.sent_on DESC, p.id DESC LIMIT 200`

// suggestRecent asks for one of the words only; hasWords looks for the others.
const suggestRecent = `SELECT ` + pitchColumns + pitchTables + `WHERE p.id IN (SELECT id FROM pitch WHERE site_id = $1 AND deleted_at = '' ORDER BY sent_on DESC, id DESC LIMIT $2)
	AND p.status <> 'draft' AND (p.subject LIKE $3 ESCAPE '\' OR p.contact LIKE $3 ESCAPE '\' OR p.campaign LIKE $3 ESCAPE '\' OR o.name LIKE $3 ESCAPE '\' OR p.ref LIKE $3 ESCAPE '\')
	ORDER BY p.sent_on DESC, p.id DESC LIMIT 200`

// searchWords are the words that were typed, six at the most. A whole address
// gives its host and path as words.
func searchWords(typed string) []string {
	typed = strings.NewReplacer("https://", " ", "http://", " ", "www.", " ", "/", " ").Replace(fold(typed))
	words := strings.Fields(typed)
	return words[:min(len(words), 6)]
}

func fold(s string) string { return strings.ToLower(strings.ToValidUTF8(s, "")) }

func longest(words []string) string {
	return slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
}

// likeWord is the pattern of a word. LIKE folds ASCII alone: any other letter is
// left open here and looked at by hasWords.
func likeWord(word string) string {
	return "%" + strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '_'
		}
		return r
	}, likeText.Replace(word)) + "%"
}

func anyWord(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// hasWords reports whether each word stands somewhere in what is shown of a pitch.
func hasWords(p *pitches.Pitch, words []string) bool {
	text := fold(strings.Join([]string{p.Outlet.Key, p.Outlet.Host, p.Outlet.Name, p.Contact, p.Email, p.Subject, p.Campaign, p.Ref}, "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// outletNames keeps the keys of all outlets in memory, some 50 bytes each: no
// index finds the middle of a word. Keys never change and ids only grow, so what
// is new is found by id, also when another process wrote it.
type outletNames struct {
	mu   sync.Mutex
	last int64
	ids  []int64
	keys []string
}

// fewOutlets is how many outlets with a word are searched for pitches.
const fewOutlets = 40

// outletsWith lists outlets whose key has one of the words, those with the
// longest part of their key named first.
func (s *Store) outletsWith(ctx context.Context, words []string) ([]int64, error) {
	n := &s.names
	n.mu.Lock()
	defer n.mu.Unlock()
	err := each(ctx, s.read, func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&n.last, &key); err != nil {
			return err
		}
		n.ids, n.keys = append(n.ids, n.last), append(n.keys, key)
		return nil
	}, `SELECT id, key FROM outlet WHERE id > $1 ORDER BY id`, n.last)
	if err != nil {
		return nil, err
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { // "a" names every outlet
		return len(w) < 2 || !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	})
	var found []int
	for i, key := range n.keys {
		if anyWord(key, words) {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(a, b int) int { return len(n.keys[a]) - len(n.keys[b]) })
	out := make([]int64, 0, fewOutlets)
	for _, i := range found[:min(len(found), fewOutlets)] {
		out = append(out, n.ids[i])
	}
	return out, nil
}

// LogPitchFor logs a pitch that was found by its link, and credits the link to it,
// in one transaction. version is that of the link's credit, as for Decide.
func (s *Store) LogPitchFor(ctx context.Context, by By, p pitches.Pitch, link, version int64, note string) (pitches.Pitch, Decision, error) {
	var out Decision
	site, err := s.linkSite(ctx, link)
	if err != nil {
		return p, out, err
	}
	p.SiteID = site
	_, err = s.pitchTx(ctx, by, site, "log pitch for link", func(w *pitchWriter) error {
		d, err := w.decider(link)
		if err != nil {
			return err
		}
		if d.old.version != version {
			return errDecided
		}
		if err := w.create(&p, ""); err != nil {
			return err
		}
		out, err = d.decide(Reassign, p.ID, note)
		return err
	})
	return p, out, err
}
