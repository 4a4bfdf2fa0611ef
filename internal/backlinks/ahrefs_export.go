package backlinks

// ahrefsBacklinks is the backlink report of Ahrefs' Site Explorer in all forms
// seen: 35 to 37 columns, through a spreadsheet with a # in front, cut by hand to
// three columns, and with the names that older versions gave the columns.
var ahrefsBacklinks = exportFormat{
	name:     "Ahrefs backlinks",
	provider: "ahrefs",
	metric:   DR,
	needs: [][]string{
		{"referring page url"},
		{"target url", "links to", "link url"},
	},
	columns: map[column][]string{
		colSource:     {"referring page url"},
		colTarget:     {"target url", "links to", "link url"},
		colAnchor:     {"anchor", "link anchor"},
		colTitle:      {"referring page title"},
		colAuthor:     {"author"},
		colKind:       {"type"},
		colNofollow:   {"nofollow"},
		colUGC:        {"ugc"},
		colSponsored:  {"sponsored"},
		colAuthority:  {"domain rating", "dr"},
		colHTTPCode:   {"referring page http code"},
		colFirstSeen:  {"first seen"},
		colLastSeen:   {"last seen", "last check"},
		colLost:       {"lost", "day lost"},
		colLostStatus: {"lost status"},
		colDropReason: {"drop reason"},
		colDiscovered: {"discovered status"},
	},
	// A drop reason ("tooold", "disallowed", "nxdomain") is not here: whatever the
	// word, the index dropped the page and no editor did anything.
	reasons: map[string]LostReason{
		"removedfromhtml": LinkRemoved,
		"notfound":        PageGone,
		"noindex":         NoIndex,
		"pageredirected":  Redirected,
		"lostredirect":    Redirected,
		"notcanonical":    NotCanonical,
		"pageerror":       PageError,
	},
}

// ahrefsRestored is the discovered status of a link that was lost and is back.
const ahrefsRestored = "linkrestored"
