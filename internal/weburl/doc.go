// Package weburl turns what a provider reports or a person types into an
// outlet key (which publication is this?) and a page key (which page?).
//
// A page key is a host and a path without scheme, in one spelling for all the
// spellings of a page, and a fixed point: the key of "https://"+key is key. An
// outlet key is the registrable domain, or something narrower on platforms
// where many authors share one domain ([Platforms]).
//
// Everything is pure and safe for concurrent use. Plain addresses are keyed
// without copying, so a key may share memory with the string it came from.
package weburl
