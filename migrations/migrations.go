// Package migrations embeds the numbered schema changes. A file that has been
// released is never edited; a change is a new file.
package migrations

import "embed"

// Files holds every NNNN_name.sql.
//
//go:embed *.sql
var Files embed.FS
