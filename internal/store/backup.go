package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"landed/internal/fault"
)

// Backup writes a whole, checked copy of a running workspace to path, which
// must not exist: first under another name beside it, then renamed, so that a
// file of that name is a good one.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "%s exists already; a backup never replaces a file", path)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	f.Close()
	defer os.Remove(part) // after the rename there is none
	// A connection of its own: the readers may not write, even to another file,
	// and the writer would keep everybody else waiting.
	db, err := sql.Open("sqlite", dsn(s.path, false))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, part); err != nil {
		return fmt.Errorf("backup to %s: %w", path, err)
	}
	if err := checkFile(ctx, part); err != nil {
		return fmt.Errorf("the backup is not whole: %w", err)
	}
	if err := flush(part); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return flush(filepath.Dir(path))
}

// flush asks the disk to keep a file or a folder's names.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Whole looks for damage for as long as ctx allows: a large database takes longer
// than a start may. A file that is as its last user left it is taken for whole. An
// error means damage; running out of time is none.
func (s *Store) Whole(ctx context.Context) error {
	if s.intact {
		return nil
	}
	var verdict string
	err := s.write.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return classify(err, "quick check")
	case verdict != "ok":
		return damaged(errors.New(verdict))
	}
	return nil
}

// checkFile says whether a file is a whole Landed database.
func checkFile(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	have, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if have == 0 {
		return errors.New("it is not a database of Landed")
	}
	return nil
}

// Restore puts a backup in the place of the workspace in dir, after checking
// it. The database that was there is kept beside it; its path is returned ("" if
// there was none). No server may run on dir meanwhile.
func Restore(ctx context.Context, dir, from string) (kept string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, FileName)
	part := path + ".restoring"
	if err := copyFile(from, part); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "%s cannot be read", from)
	}
	defer os.Remove(part)
	if err := checkFile(ctx, part); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "%s is not a whole backup of Landed; nothing was changed", from)
	}
	for _, side := range sideFiles { // what opening the copy left
		os.Remove(part + side)
	}
	if _, err := os.Lstat(path); err == nil {
		// Opening and closing folds the WAL into the file, so that what is kept is whole.
		s, err := Open(ctx, dir)
		if err == nil {
			err = s.Close()
		}
		if busy(err) || ctx.Err() != nil { // another command is at work, and would go on with the files of this one
			return "", cmp.Or(ctx.Err(), err)
		}
		kept = path + ".replaced"
		for n := 2; exists(kept); n++ {
			kept = fmt.Sprintf("%s.replaced-%d", path, n)
		}
		if err := errors.Join(os.Rename(path, kept)); err != nil {
			return "", err
		}
		for _, side := range sideFiles { // of a database too damaged to open
			if exists(path + side) {
				os.Rename(path+side, kept+side)
			}
		}
		// Any other error is damage, which is what a restore is for.
	}
	if err := os.Rename(part, path); err != nil {
		return kept, err
	}
	return kept, flush(dir)
}

// sideFiles are what SQLite may keep beside a database.
var sideFiles = []string{"-wal", "-shm", "-journal"}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
