package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// closedName is a file beside the database. It says how the database was left
// when its last user closed it in order, so that the next start need not read
// all of an unchanged file to know that it is whole. Damage done meanwhile, by a
// copy over it or a failing tool, changes the size or the time of the file; what
// a disk does silently is for `landed check` and the backups to find.
const closedName = "landed.closed"

func closedPath(path string) string { return filepath.Join(filepath.Dir(path), closedName) }

// leftAs is what the mark says of the database file as it is now; "" when there
// is a journal, which means that it is in use or was cut off.
func leftAs(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	for _, side := range []string{"-wal", "-journal"} {
		if log, err := os.Stat(path + side); err == nil && log.Size() > 0 {
			return ""
		}
	}
	return fmt.Sprintf("%d %d\n", info.Size(), info.ModTime().UnixNano())
}

// takeMark reports whether the file is as its last user left it, and removes the
// mark: until the database is closed again, nothing is known of it.
func takeMark(path string) bool {
	said, err := os.ReadFile(closedPath(path))
	if err != nil {
		return false
	}
	if os.Remove(closedPath(path)) != nil {
		return false
	}
	now := leftAs(path)
	return now != "" && now == string(said)
}

// leaveMark is for after the last connection was closed. Without the mark the
// next start takes longer, so an error is none.
func leaveMark(path string) {
	if now := leftAs(path); now != "" {
		_ = os.WriteFile(closedPath(path), []byte(now), 0o600)
	}
}
