package intake_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/store"
	"landed/internal/testkit"
)

func receive(t *testing.T, dir, content string) *intake.Upload {
	t.Helper()
	u, err := intake.Receive(dir, strings.NewReader(content), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Discard)
	return u
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestUploadIsKeptByItsDigest(t *testing.T) {
	dir := t.TempDir()
	u := receive(t, dir, "outlet,title\n")
	for range 2 { // it can be read again from the start
		r, err := u.Reader()
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(r); string(b) != "outlet,title\n" {
			t.Fatalf("read %q", b)
		}
	}
	if got := names(t, dir); strings.Contains(got, u.Digest) {
		t.Fatal("kept before it was looked at:", got)
	}
	if err := u.Keep(); err != nil {
		t.Fatal(err)
	}
	u.Discard()
	if got := names(t, dir); got != u.Digest {
		t.Fatalf("uploads: %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, "uploads", u.Digest))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode(), err)
	}
	if info, _ := os.Stat(filepath.Join(dir, "uploads")); info.Mode().Perm() != 0o700 {
		t.Error("directory", info.Mode())
	}
	f, err := intake.OpenUpload(dir, u.Digest)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

type brokenReader struct{ n int }

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.n++; b.n > 1 {
		return 0, errors.New("connection reset")
	}
	return copy(p, "outlet"), nil
}

func TestRefusedUploadsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	for what, c := range map[string]struct {
		r    io.Reader
		kind fault.Kind
	}{
		"too large":      {bytes.NewReader(make([]byte, 101)), fault.TooLarge},
		"empty":          {strings.NewReader(""), fault.Invalid},
		"cut connection": {&brokenReader{}, fault.Unavailable},
	} {
		if _, err := intake.Receive(dir, c.r, 100); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := intake.Receive(dir, bytes.NewReader(make([]byte, 100)), 100); err != nil {
		t.Error("exactly the limit:", err)
	}
	if got := len(strings.Fields(names(t, dir))); got != 1 { // the one just above, not discarded
		t.Errorf("%d files", got)
	}
}

func TestOpenUploadTakesDigestsOnly(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"../landed.db", "..", "", "/etc/passwd", strings.Repeat("A", 64), strings.Repeat("../", 21) + "x"} {
		if f, err := intake.OpenUpload(dir, name); err == nil {
			f.Close()
			t.Errorf("opened %q", name)
		}
	}
	if _, err := intake.OpenUpload(dir, strings.Repeat("a", 64)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestCleanUploads(t *testing.T) {
	ctx, dir := t.Context(), testkit.Dir(t)
	st := testkit.OpenStore(t, dir)
	clock := &testkit.Clock{}
	st.Now = clock.Now
	if err := intake.CleanUploads(ctx, st, dir, 0); err != nil {
		t.Fatal("no directory yet:", err)
	}
	site, err := st.CreateSite(ctx, "fern.example")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(content string) string {
		u := receive(t, dir, content)
		if err := u.Keep(); err != nil {
			t.Fatal(err)
		}
		return u.Digest
	}
	note := func(digest string) {
		if _, err := st.CreateImport(ctx, store.By{}, store.Import{Kind: intake.KindPitches, SiteID: site.ID, FileName: "x.csv", Digest: digest}); err != nil {
			t.Fatal(err)
		}
	}
	old := keep("old")
	note(old)
	clock.Forward(29 * 24 * time.Hour)
	again, orphan := keep("again"), keep("orphan")
	note(again)
	receive(t, dir, "cut off")
	other := filepath.Join(dir, "uploads", "notes.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := intake.CleanUploads(ctx, st, dir, time.Hour); err != nil || len(strings.Fields(names(t, dir))) != 5 {
		t.Fatal("young files are spared:", names(t, dir), err)
	}
	clean := func() string {
		t.Helper()
		if err := intake.CleanUploads(ctx, st, dir, 0); err != nil {
			t.Fatal(err)
		}
		return names(t, dir)
	}
	got := clean()
	if strings.Contains(got, orphan) || strings.Contains(got, "part-") || !strings.Contains(got, old) || !strings.Contains(got, again) || !strings.Contains(got, "notes.txt") {
		t.Error("at start:", got)
	}
	clock.Forward(2 * 24 * time.Hour)
	if got := clean(); strings.Contains(got, old) || !strings.Contains(got, again) {
		t.Error("after 30 days:", got)
	}
	note(old) // the row alone does not bring the file back
	if _, err := intake.OpenUpload(dir, old); fault.Message(err) != "The file of this import is no longer kept. Upload it again." {
		t.Error(err)
	}
}
