// Package browser has the tests of Landed in a real browser: its main journeys
// as a person takes them, and every page against axe, its content policy and
// the width of a phone. They run only where LANDED_BROWSER is 1 and need
// Chromium:
//
//	LANDED_BROWSER=1 go test ./internal/browser/...
//
// With LANDED_SCREENSHOTS=DIR, TestScreenshots draws every page into DIR.
//
// The tests know the program from outside only: they build the binary, start
// its demo and its server, and talk to it as browsers do.
package browser
