// Package templates prints the pages. It imports nothing of the application
// but the addresses of its static files: a view is drawn from a literal of
// strings and numbers, so that every page can be shown in a test without a
// store, and dates, plurals and status words are chosen before they come here.
//
// README.md lists the components and shows a whole page. After editing a
// .templ file run the generator (templ generate -path templates); the
// generated files are committed.
package templates
