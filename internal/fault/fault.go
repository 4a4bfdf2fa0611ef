// Package fault is the one error type of Landed: a kind that a handler or the
// command line maps to a status or an exit code, a message that is safe to
// show, and the cause for the log.
package fault

import (
	"errors"
	"fmt"
)

// Kind says whose mistake an error is. The zero Kind is Internal: our own bug.
type Kind int

const (
	Internal     Kind = iota // our bug or the machine's: logged, a fixed sentence is shown
	Invalid                  // what was sent is wrong: 422, Fields may say where
	NotFound                 // 404
	Conflict                 // somebody else changed it, or it exists already: 409
	Forbidden                // the role does not allow it: 403
	Unauthorized             // not signed in: 401
	TooMany                  // throttled: 429
	TooLarge                 // upload over the limit: 413
	Unavailable              // a provider or the disk refuses for now: 503
)

// Error carries a Kind, a message for people, form fields and the cause.
type Error struct {
	Kind    Kind
	Message string            // safe to show to the person who asked
	Fields  map[string]string // form field name -> what is wrong with it
	Err     error             // for the log only
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	}
	return e.Message + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an error of kind k with a message that is safe to show.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Field makes an Invalid error for one form field.
func Field(name, format string, args ...any) *Error {
	m := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Message: m, Fields: map[string]string{name: m}}
}

// Wrap gives err a kind and a message that is safe to show; nil stays nil.
func Wrap(err error, k Kind, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), Err: err}
}

// KindOf is the kind of the outermost fault in err's chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// FieldsOf returns the form fields of the outermost fault, or nil.
func FieldsOf(err error) map[string]string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// Message is what a person may read of err; for Internal errors a fixed sentence.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != Internal && e.Message != "" {
		return e.Message
	}
	return "Something went wrong on our side. It has been logged."
}
