package demo

import "strings"

// Outlets are named "Thistle Gazette" and live on thistlegazette.example: the
// domains .example and .test are reserved, so none of them can be anybody's.
var (
	outletFirst = strings.Fields(`Acorn Alder Almond Amber Anchor Apron Arbor Ash Aspen Badge Barley Basin Beacon Bellows Birch Bobbin
		Bramble Brindle Buckle Burrow Candle Canvas Cedar Chalk Chestnut Cinder Clover Cobalt Compass Copper Cornflower Cricket
		Damson Dapple Driftwood Ember Fennel Fern Flint Foxglove Gable Ginger Granite Hazel Heather Hollow Indigo Ivory Juniper
		Kettle Lantern Larch Linen Maple Marble Meadow Mallow Nettle Nutmeg Oaken Orchard Otter Paddle Parsnip Pebble Pepper
		Plover Poppy Quill Quince Rafter Rosehip Russet Saddle Saffron Sorrel Sparrow Spindle Tallow Teasel Thimble Thistle
		Timber Tinder Turnip Velvet Walnut Wattle Willow Yarrow`)
	outletSecond = strings.Fields(`Almanac Bulletin Chronicle Courier Digest Dispatch Gazette Journal Ledger Letters Monitor Notes
		Observer Pages Post Quarterly Reader Review Sketchbook Supplement Weekly Workshop`)
	slugWords = strings.Fields(`autumn better bills budget calm careful cheaper checklist cold common costs draught easy evening every
		first five four guide habits home honest house household ideas kitchen learned lessons less little living long mistakes
		modern month neighbours numbers old plain questions quiet room rooms saving season simple small spring steps storage
		summer tested things three tips town tried useful village warm week weekend winter worth year years`)
	desks          = []string{"News desk", "Features desk", "Home desk", "Links desk", "Guest post desk", "Money desk", "Weekend desk", ""}
	declineReasons = []string{"Not a fit for their readers", "Covered it lately", "Takes no guest posts", "Asks for a fee above our limit", "No space before next season"}
	pitchNotes     = []string{"", "", "", "Prefers short subject lines.", "Wants a chart as PNG.", "Asked for the raw numbers.", "Publishes on Thursdays."}
	genericAnchors = []string{"read more", "here", "this overview", "source", "their write-up", "according to their figures", "this page", "the full text"}
)

// platforms are pages of made-up authors on hosts that many authors share,
// where the outlet is narrower than the domain.
var platforms = []outlet{
	{name: "Landed Demo Letter", key: "landed-demo-letter.substack.com", base: "https://landed-demo-letter.substack.com/p", authority: 62},
	{name: "Landed Demo Author", key: "medium.com/@landed-demo-author", base: "https://medium.com/@landed-demo-author", authority: 71},
}

// campaign is one line of outreach: what it offers and the page it wants linked.
type campaign struct {
	name     string // %d is the year
	kind     string
	page     string
	anchor   string
	subjects []string
	paid     int // percent of the accepted pitches that cost money
}

// profile is what is particular to one of the sample sites.
type profile struct {
	host, brand string
	currency    string
	pages       []string
	campaigns   []campaign

	weeks   int               // of outreach, up to today
	used    int               // weeks of these since the team has Landed; what was before came as a list
	perWeek func(age int) int // pitches sent in the week that ended age weeks ago
	old     int               // outlets that linked before the two years began
	organic int               // outlets that came by themselves within them
	pitched int               // outlets that pitches go to
	drafts  int
	drFrom  float64
	drTo    float64
	traffic float64 // monthly visits at the end
}

var fernhill = profile{
	host: "fernhill.example", brand: "Fernhill", currency: "USD",
	pages: []string{"/", "/guides/heat-pumps", "/guides/loft-insulation", "/guides/draught-proofing", "/tools/bill-calculator",
		"/research/home-heating", "/research/cold-rooms", "/blog/first-winter", "/blog/radiator-tricks", "/pricing", "/about"},
	campaigns: []campaign{
		{"Home heating report %d", "digital_pr", "/research/home-heating", "home heating report", []string{
			"New figures: what heating a terraced house costs", "Which rooms stay cold, from 2,000 homes", "Data on heating habits by region"}, 0},
		{"Bill calculator", "resource_link", "/tools/bill-calculator", "bill calculator", []string{
			"A free calculator for your energy page", "Bill calculator for your list of tools", "Your savings guide misses one tool"}, 15},
		{"Guest articles", "guest_post", "/guides/loft-insulation", "loft insulation guide", []string{
			"Article: insulating a loft in one weekend", "Article: seven draughts that nobody finds", "Article: what a heat pump survey checks"}, 70},
		{"Expert quotes", "expert_quote", "/guides/heat-pumps", "heat pump guide", []string{
			"Comment on heat pump noise for your piece", "Quote on radiator balancing", "Comment on winter tariffs"}, 0},
	},
	weeks: 52, used: 26, old: 240, organic: 520, pitched: 330, drafts: 6, drFrom: 38, drTo: 56, traffic: 31_000,
	perWeek: func(age int) int {
		if age < 13 {
			return 18 - age/2
		}
		return 2 + (51-age)/8
	},
}

var harbor = profile{
	host: "harbor.example", brand: "Harbor", currency: "EUR",
	pages: []string{"/", "/day-trips", "/moorings", "/blog/first-season", "/blog/knots", "/checklists/spring"},
	campaigns: []campaign{
		{"Season start %d", "digital_pr", "/checklists/spring", "spring checklist", []string{
			"A checklist for the first day on the water", "What skippers forget in spring"}, 0},
		{"Quiet moorings", "guest_post", "/moorings", "quiet moorings", []string{
			"Article: ten moorings without a crowd", "Article: a night at anchor, step by step"}, 60},
	},
	weeks: 20, used: 12, old: 35, organic: 95, pitched: 60, drafts: 1, drFrom: 19, drTo: 27, traffic: 4_200,
	perWeek: func(int) int { return 3 },
}
