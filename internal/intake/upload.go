package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"landed/internal/fault"
	"landed/internal/store"
)

// keepUploads is how long the file of an import stays on the disk. What the
// import did stays in the database for good.
const keepUploads = 30 * 24 * time.Hour

const partPrefix = "part-"

func uploadDir(dataDir string) string { return filepath.Join(dataDir, "uploads") }

// Upload is a file that has arrived and is not kept yet: it is looked at first.
// Its name on the disk is made of its content alone, never of what it was
// called.
type Upload struct {
	Digest string // SHA-256 of the content, in hex
	Size   int64  // bytes
	dir    string
	file   *os.File
}

// Receive writes an upload of at most limit bytes to a temporary file in the
// data directory, readable by this user alone. A longer one is a fault.TooLarge
// and leaves nothing. Call Discard in any case; after Keep it only closes.
func Receive(dataDir string, r io.Reader, limit int64) (*Upload, error) {
	dir := uploadDir(dataDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("upload directory: %w", err)
	}
	f, err := os.CreateTemp(dir, partPrefix) // 0600
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	u := &Upload{dir: dir, file: f}
	sum := sha256.New()
	u.Size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		u.Discard()
		return nil, fault.Wrap(err, fault.Unavailable, "The file could not be kept. The disk may be full.")
	case u.Size > limit:
		u.Discard()
		return nil, fault.New(fault.TooLarge, "The file is larger than %d MB.", limit>>20)
	case u.Size == 0:
		u.Discard()
		return nil, fault.New(fault.Invalid, "The file is empty.")
	}
	u.Digest = hex.EncodeToString(sum.Sum(nil))
	return u, nil
}

// Reader is the content from its beginning. One reader at a time.
func (u *Upload) Reader() (io.Reader, error) {
	if _, err := u.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	return u.file, nil
}

// Keep puts the file where OpenUpload finds it by its digest.
func (u *Upload) Keep() error {
	if err := u.file.Sync(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The file could not be kept. The disk may be full.")
	}
	if err := os.Rename(u.file.Name(), filepath.Join(u.dir, u.Digest)); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	return nil
}

// Discard closes the upload and, unless it was kept, removes it.
func (u *Upload) Discard() {
	u.file.Close()
	os.Remove(u.file.Name()) // after Keep there is nothing of that name
}

// OpenUpload opens a kept file. One that is gone is a fault.Conflict.
func OpenUpload(dataDir, digest string) (*os.File, error) {
	if !isDigest(digest) {
		return nil, fmt.Errorf("upload %q is no digest", digest)
	}
	f, err := os.Open(filepath.Join(uploadDir(dataDir), digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Conflict, "The file of this import is no longer kept. Upload it again.")
	}
	return f, err
}

func isDigest(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// CleanUploads removes the files that no import of the last 30 days belongs to,
// and what uploads that were cut off left behind. Files younger than spare stay:
// they may belong to a request that is under way. At start nothing is, so spare
// is 0 then.
func CleanUploads(ctx context.Context, st *store.Store, dataDir string, spare time.Duration) error {
	entries, err := os.ReadDir(uploadDir(dataDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("uploads: %w", err)
	}
	used, err := st.UploadsSince(ctx, st.Now().Add(-keepUploads))
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		if used[e.Name()] || !strings.HasPrefix(e.Name(), partPrefix) && !isDigest(e.Name()) {
			continue
		}
		if info, err := e.Info(); err != nil || spare > 0 && time.Since(info.ModTime()) < spare {
			continue // gone already, or young
		}
		failed = errors.Join(failed, os.Remove(filepath.Join(uploadDir(dataDir), e.Name())))
	}
	return failed
}
