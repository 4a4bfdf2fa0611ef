package main

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"landed/internal/config"
	"landed/internal/fault"
	"landed/internal/testkit"
)

// A form that was sent while the server begins waits for the queue. When that is
// never opened it is told so, instead of holding up the stop for as long as it may.
func TestNobodyWaitsForAQueueThatNeverOpens(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	dir := testkit.Dir(t)
	s := &service{app: &app{ctx: ctx, stdout: io.Discard, stderr: io.Discard}, store: testkit.OpenStore(t, dir), log: slog.New(slog.DiscardHandler),
		settings: config.Serve{Data: config.Data{Data: dir}, Listen: config.Listen{Addr: "127.0.0.1:0"}, Ahrefs: config.Ahrefs{AhrefsEndpoints: "auto"}}}
	if err := s.run(ctx, func(string) { stop() }); err != nil { // before the queue opens
		t.Fatal(err)
	}
	wait, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if q, err := s.queue(wait); q != nil || !fault.Is(err, fault.Unavailable) {
		t.Error(q, err)
	}
}
