package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"landed/internal/fault"
)

// FileName is the key file's name within the data directory.
const FileName = "master.key"

// Source says where the master keys are. They are read anew at each use, so that
// a rotation by another process reaches a running server.
type Source struct {
	Text string // LANDED_MASTER_KEY; "" = File
	File string // readable by its owner alone
}

// Format keeps the key out of everything that prints a source.
func (s Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.Where()) }

// Where names the source for people.
func (s Source) Where() string {
	if s.Text != "" {
		return "LANDED_MASTER_KEY"
	}
	return s.File
}

// Ring reads the keys. A file that is not there gives ErrNoKey; one that others
// can read, or without a key, is refused.
func (s Source) Ring() (Ring, error) {
	if s.Text != "" {
		r, err := parseRing(s.Text)
		return r, named(err, "LANDED_MASTER_KEY")
	}
	f, err := os.Open(s.File)
	if errors.Is(err, fs.ErrNotExist) {
		return Ring{}, ErrNoKey
	}
	if err != nil {
		return Ring{}, fault.Wrap(err, fault.Unavailable, "the master key in %s cannot be read", s.File)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Ring{}, fault.Wrap(err, fault.Unavailable, "the master key in %s cannot be read", s.File)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return Ring{}, fault.New(fault.Forbidden, "other users can read the master key in %s (mode %04o); take it away from them with: chmod 600 %s", s.File, info.Mode().Perm(), s.File)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return Ring{}, fault.Wrap(err, fault.Unavailable, "the master key in %s cannot be read", s.File)
	}
	r, err := parseRing(string(text))
	return r, named(err, s.File)
}

func named(err error, where string) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.KindOf(err), "%s: %s", where, fault.Message(err))
}

// RingOrNew is Ring, but makes the file when it is not there.
func (s Source) RingOrNew() (Ring, error) {
	r, err := s.Ring()
	if !errors.Is(err, ErrNoKey) || s.Text != "" {
		return r, err
	}
	if err := s.write(Ring{keys: []key{newKey()}}, false); err != nil && !errors.Is(err, fs.ErrExist) {
		return Ring{}, fault.Wrap(err, fault.Unavailable, "no master key could be written to %s", s.File)
	}
	return s.Ring() // another process may have been first
}

// Check refuses keys that could not be used. That there are none yet is no fault.
func (s Source) Check() error {
	if _, err := s.Ring(); err != nil && !errors.Is(err, ErrNoKey) {
		return err
	}
	return nil
}

// write puts the ring into the file as a whole or not at all. Without replace, a
// file that is there already stays, and the error is fs.ErrExist.
func (s Source) write(r Ring, replace bool) error {
	var b strings.Builder
	b.WriteString("# Master key of Landed. It opens the tokens in landed.db: keep a copy, but not beside the backups.\n")
	for _, k := range r.keys {
		fmt.Fprintf(&b, "%s\n", k.text())
	}
	dir := filepath.Dir(s.File)
	f, err := os.CreateTemp(dir, "."+filepath.Base(s.File)+"-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after a rename there is none
	_, err = f.WriteString(b.String())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if replace {
		err = os.Rename(f.Name(), s.File)
	} else {
		err = os.Link(f.Name(), s.File) // unlike a rename it never replaces
	}
	if err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Rotation is what Rotate did.
type Rotation struct {
	From, To string // ids of keys; From is "" when there was none
	Finished bool   // an earlier rotation that was cut off was finished; no new key was made
}

// Rotate seals everything with a new key. reseal is given the ring to open with
// all of its keys and to seal with the first; when it returns nil, nothing may be
// left that is sealed with another.
//
// The file holds the new key and the old before reseal begins, and the new one
// alone only after it has ended, so that a process that dies in between loses
// nothing: the next Rotate finishes its work. Keys in the environment cannot be
// changed from here: the new one is put in front of the old one there first. Two
// rotations at once give a Conflict: each would drop the other's key.
func (s Source) Rotate(reseal func(Ring) error) (Rotation, error) {
	if s.Text == "" {
		release, err := lockFile(s.File + ".lock")
		if err != nil {
			return Rotation{}, err
		}
		defer release()
	}
	ring, err := s.Ring()
	if errors.Is(err, ErrNoKey) {
		return Rotation{}, fault.New(fault.NotFound, "there is no master key in %s yet; it is made when the first token is saved", s.File)
	}
	if err != nil {
		return Rotation{}, err
	}
	done := Rotation{From: strings.Join(ring.Spare(), ", "), To: ring.Current(), Finished: true}
	if s.Text != "" {
		if len(ring.keys) == 1 {
			return Rotation{}, fault.New(fault.Invalid, "LANDED_MASTER_KEY has one key: put a new one in front of it, with a comma between, and run this again; “landed key new” prints one")
		}
		return done, reseal(ring)
	}
	if len(ring.keys) == 1 {
		done = Rotation{From: ring.Current()}
		ring.keys = []key{newKey(), ring.keys[0]}
		done.To = ring.Current()
		if err := s.write(ring, true); err != nil {
			return Rotation{}, fault.Wrap(err, fault.Unavailable, "the new key could not be written to %s; nothing was changed", s.File)
		}
	}
	if err := reseal(ring); err != nil {
		return done, err
	}
	ring.keys = ring.keys[:1]
	if err := s.write(ring, true); err != nil {
		return done, fault.Wrap(err, fault.Unavailable, "everything is sealed with the new key, but the old one is still in %s; run this again", s.File)
	}
	return done, nil
}

// lockFile keeps a second rotation away; the kernel lets go when the process ends.
func lockFile(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the directory of the master key cannot be written")
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.New(fault.Conflict, "another rotation of the master key is under way")
	}
	return func() { f.Close() }, nil
}
