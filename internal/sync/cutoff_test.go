package sync

import (
	"context"
	"errors"

	"landed/internal/backlinks"
	"landed/internal/store"
)

// cutOff is the store of a process that is killed around its at-th page: before
// the page's transaction, or right after it was committed.
type cutOff struct {
	dying
	at    int
	saved bool
	pages int
}

var errKilled = errors.New("killed")

// page runs save unless the process is dead, and says when it has just died.
func (c *cutOff) page(save func() error) error {
	if c.pages++; c.pages < c.at {
		return save()
	}
	if c.pages == c.at && c.saved {
		if err := save(); err != nil {
			return err
		}
	}
	return errKilled
}

func (c *cutOff) SaveLinkPage(ctx context.Context, p store.SyncPage, links []backlinks.Link) (out store.LinkOutcome, err error) {
	err = c.page(func() error {
		out, err = c.Store.SaveLinkPage(ctx, p, links)
		return err
	})
	return out, err
}

func (c *cutOff) SaveRefDomainPage(ctx context.Context, p store.SyncPage, domains []backlinks.RefDomain) (added int, err error) {
	err = c.page(func() error {
		added, err = c.Store.SaveRefDomainPage(ctx, p, domains)
		return err
	})
	return added, err
}

func (c *cutOff) SaveSourcePage(ctx context.Context, p store.SyncPage, host string, links []backlinks.Link) (added int, err error) {
	err = c.page(func() error {
		added, err = c.Store.SaveSourcePage(ctx, p, host, links)
		return err
	})
	return added, err
}

func (c *cutOff) SaveSnapshotPage(ctx context.Context, p store.SyncPage, n backlinks.Snapshot) error {
	return c.page(func() error { return c.Store.SaveSnapshotPage(ctx, p, n) })
}

func (c *cutOff) SaveHistoryPage(ctx context.Context, p store.SyncPage, provider string, readings []backlinks.Reading) error {
	return c.page(func() error { return c.Store.SaveHistoryPage(ctx, p, provider, readings) })
}
