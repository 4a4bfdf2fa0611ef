package backlinks

import (
	"strings"
)

// column is a field of Link that a column of an export may hold.
type column int

const (
	colSource column = iota
	colTarget
	colAnchor
	colTitle
	colAuthor
	colKind
	colNofollow
	colUGC
	colSponsored
	colAuthority
	colHTTPCode
	colFirstSeen
	colLastSeen
	colLost       // the date of the loss
	colLostStatus // the provider's word for the reason
	colDropReason // its word for why the index let the link go
	colDiscovered // how it was found; tells links that came back
	columnCount
)

// exportFormat is one kind of file, recognised by its header as a whole and not
// by single names: "Source url" is the linking page in one report and our own
// page in another. Column names are written as fold makes them.
type exportFormat struct {
	name     string // "Ahrefs backlinks"
	provider string // as in Link.Provider
	metric   Metric
	// needs lists the columns that make the format; of each entry one name is
	// enough. Other columns may be there or not.
	needs [][]string
	// columns has for each field the names it is known by; a format without any
	// is known only to be refused in words.
	columns map[column][]string
	// reasons translates the provider's words for a loss.
	reasons map[string]LostReason
	// refusal ends the sentence "This is NAME (columns), ...".
	refusal string
}

func (f *exportFormat) readable() bool { return f.columns != nil }

func (f *exportFormat) matches(header map[string]int) bool {
	for _, names := range f.needs {
		found := false
		for _, n := range names {
			_, ok := header[n]
			found = found || ok
		}
		if !found {
			return false
		}
	}
	return true
}

// The ways to end a refusal.
const (
	notBacklinks = "not a backlink export. Export “Backlinks” instead."
	notYet       = "which cannot be read yet. Use Ahrefs' “Backlinks” export."
)

// exportFormats is searched from the top: what is more special stands above.
var exportFormats = []*exportFormat{
	&ahrefsBacklinks,
	refused("Ahrefs' referring IPs report", notBacklinks, "subnet", "links to target"),
	refused("Ahrefs' anchors report", notBacklinks, "anchor text", "links to target"),
	refused("Ahrefs' referring domains report", notBacklinks, "domain", "links to target"),
	refused("Ahrefs' linked domains report", "which lists where your site links to. Export “Backlinks” instead.", "domain|linked domain", "links from target"),
	refused("Ahrefs' top pages report", notBacklinks, "url", "top keyword|current top keyword"),
	refused("an organic keywords report", notBacklinks, "keyword", "volume|search volume"),
	refused("Semrush's Backlink Audit export", notYet, "source url", "target url", "toxic score"),
	refused("Semrush's backlinks report", notYet, "source url", "target url", "page ascore|page score|page_ascore"),
	refused("Semrush's indexed pages report", "whose “Source url” are your own pages. Export “Backlinks” instead.", "source url", "response code", "backlinks", "domains"),
	refused("Semrush's referring domains report", notBacklinks, "domain ascore", "domain", "backlinks"),
	refused("Semrush's outgoing domains report", "which lists where your site links to. Export “Backlinks” instead.", "domain ascore", "domain", "links"),
	refused("Semrush's comparison of domains", notBacklinks, "target", "target type", "authority score"),
	refused("Moz's inbound links report", notYet, "url", "target url", "link state|link equity"),
	refused("Majestic's backlinks export", notYet, "source url|sourceurl", "target url|targeturl", "sourcetrustflow|source trust flow|acrank"),
	refused("Majestic's referring domains report", notBacklinks, "domain", "refdomains", "trustflow"),
	refused("Ubersuggest's backlinks export", notYet, "source url", "target url", "domain authority", "page authority"),
	refused("Google Search Console's list of linking pages", notYet, "linking page"),
	refused("Google Search Console's top linking sites", notBacklinks, "site", "linking pages"),
	refused("Google Search Console's list of internal links", notBacklinks, "target page", "internal links"),
	refused("Google Search Console's top target pages", notBacklinks, "target page", "incoming links"),
	refused("Google Search Console's top linking text", notBacklinks, "rank", "link text"),
}

// refused is a format that is known only so that the person is told what the
// file is. A need may hold alternatives, separated by |.
func refused(name, refusal string, needs ...string) *exportFormat {
	f := &exportFormat{name: name, refusal: refusal}
	for _, n := range needs {
		f.needs = append(f.needs, strings.Split(n, "|"))
	}
	return f
}

// formatOf finds the format of a header; nil if none fits.
func formatOf(header []string) (*exportFormat, map[string]int) {
	at := make(map[string]int, len(header))
	for i, h := range header {
		name := fold(h)
		if _, twice := at[name]; !twice && name != "" {
			at[name] = i
		}
	}
	for _, f := range exportFormats {
		if f.matches(at) {
			return f, at
		}
	}
	return nil, at
}

// fold makes column names comparable: exports differ in case and have blanks at
// the end.
func fold(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}
