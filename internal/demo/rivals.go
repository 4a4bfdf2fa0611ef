package demo

import (
	"context"
	"fmt"

	"landed/internal/ahrefs/ahrefstest"
	"landed/internal/day"
	"landed/internal/store"
)

// rivalHosts are whom the larger site is compared with.
var rivalHosts = []string{"mossworks.example", "leafline.example"}

// compare adds the competitors and who links to them: publications that never
// linked to the site, and every fifth also one that does.
func (b *builder) compare(ctx context.Context, s *story, site store.Site) error {
	places := []string{"harbour", "valley", "northern", "city", "garden", "summit", "riverside", "open"}
	kinds := []string{"weekly", "review", "journal", "notes", "almanac", "digest"}
	for i, place := range places {
		for j, kind := range kinds {
			n := i*len(kinds) + j
			l := ahrefstest.Link{From: fmt.Sprintf("https://%s-%s.example/best-of/%d", place, kind, 10+n), To: "https://" + rivalHosts[n%2] + "/", Anchor: "a guide",
				DR: float64(24 + n*37%60), FirstSeen: s.since - 40 + day.Day(4*n), Dofollow: n%4 != 0}
			b.world.Add(l)
			if n%5 == 0 {
				l.To = "https://" + rivalHosts[1-n%2] + "/"
				b.world.Add(l)
				l.From = s.links[n].From
				b.world.Add(l)
			}
		}
	}
	for _, host := range rivalHosts {
		if _, err := b.st.AddCompetitor(ctx, store.By{AccountID: b.Accounts[manager].ID, Name: team[manager].Name}, site.ID, host); err != nil {
			return err
		}
	}
	return nil
}
