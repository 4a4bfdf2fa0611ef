package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"landed/internal/fault"
	"landed/internal/store"
)

// openStore opens the workspace in dir. Commands that only read or change an
// existing one do not make it: a mistyped --data would otherwise look empty.
func (a *app) openStore(dir string, create bool) (*store.Store, error) {
	if !create {
		if _, err := os.Stat(filepath.Join(dir, store.FileName)); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.NotFound, "there is no workspace in %s (--data)", dir)
		}
	}
	return store.Open(a.ctx, dir)
}

// withStore runs f on an open workspace and closes it.
func (a *app) withStore(dir string, create bool, f func(context.Context, *store.Store) error) error {
	st, err := a.openStore(dir, create)
	if err != nil {
		return err
	}
	return errors.Join(f(a.ctx, st), st.Close())
}

// input opens a file argument; "-" is standard input.
func (a *app) input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.stdin), nil
	}
	return os.Open(name)
}

// rereadable opens a file argument that is read twice. What comes from standard
// input or a pipe is copied to a temporary file, which has no name any more.
func (a *app) rereadable(name string) (*os.File, error) {
	in, err := a.input(name)
	if err != nil {
		return nil, err
	}
	if f, ok := in.(*os.File); ok {
		if _, err := f.Seek(0, io.SeekStart); err == nil {
			return f, nil
		}
	}
	defer in.Close()
	f, err := os.CreateTemp("", "landed-import-*")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, err = io.Copy(f, in)
	err = errors.Join(err, os.Remove(f.Name()))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// printJSON writes v as one indented document.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// outFile is where an export goes: a temporary file that takes its name when
// all of it is written, so that a failed export leaves nothing half-written.
type outFile struct {
	io.Writer
	file *os.File
	name string
}

func (a *app) output(name string) (*outFile, error) {
	if name == "" {
		return &outFile{Writer: a.stdout}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".landed-export-*")
	if err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	return &outFile{Writer: f, file: f, name: name}, nil
}

// finish keeps the file if err is nil and removes it otherwise.
func (o *outFile) finish(err error) error {
	if o.file == nil {
		return err
	}
	err = errors.Join(err, o.file.Close())
	if err == nil {
		err = os.Rename(o.file.Name(), o.name)
	}
	if err != nil {
		os.Remove(o.file.Name())
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return nil
}
