// Package auth holds the rules of signing in: roles, passwords and their
// hashes, one-off tokens, the limits on guessing, and where a person may be
// sent afterwards. It knows no HTTP and no SQL; the clock is passed in.
package auth
