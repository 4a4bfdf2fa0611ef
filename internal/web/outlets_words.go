package web

import (
	"strings"

	"landed/internal/store"
)

// noContactWords say who asked not to be contacted, and why.
func noContactWords(o store.Outlet) string {
	switch {
	case o.NoContactReason == "":
		return ""
	case o.NoContactPerson == "":
		return strings.TrimSuffix(o.NoContactReason, ".") + "."
	}
	return strings.TrimSuffix(o.NoContactReason, ".") + " (" + o.NoContactPerson + ")."
}
