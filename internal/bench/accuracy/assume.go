package main

// The assumptions about the world, all in one place. They were written down
// before the rules ran on it and are no measurements: nobody publishes how
// often an outlet links without being asked. docs/accuracy.md has them in
// words and says which of them the figures hang on.
const (
	ownHost = "brand.example"

	neverPitchedPerOutlet = 4.0 // links from outlets that nobody pitched, for each one pitched

	// What is pitched.
	shareHostPlatform  = 0.07 // an author's subdomain of a platform
	sharePathPlatform  = 0.06 // an author's folder
	sharePrivateSuffix = 0.01 // a subdomain under the private part of the public suffix list
	shareEditions      = 0.04 // the same publication under two domains
	shareMoved         = 0.02 // a publication that took a new domain
	shareInternational = 0.03 // a name beyond ASCII
	shareBare          = 0.01 // a platform, and no author
	shareSubdomain     = 0.06 // publishes on a subdomain
	aliasConfigured    = 0.60 // somebody has entered the other name
	aliasDated         = 0.50 // with its dates

	// How it is pitched.
	sameOwner     = 0.70 // a later pitch to an outlet is the same person's
	sameContact   = 0.50
	namesContact  = 0.75
	namesTarget   = 0.82
	asksAnchor    = 0.15
	atOnce        = 0.15 // two pitches to an outlet within ten days
	shareDraft    = 0.03
	shareBounced  = 0.03
	sentMissing   = 0.02
	sentWrongYear = 0.003 // one too many; for pitches of the last year that is in the future
	loggedLate    = 0.05  // sent_on is up to fourteen days after the truth
	liveIsFront   = 0.02  // the live URL in the list is the outlet's front page
	liveRecorded  = 0.65  // of those marked as landed
	landsPerPitch = 0.17

	// What comes of it. Editors take a median of 12 days with a long tail;
	// crawlers mostly days, now and then a year.
	editorMedian, editorSigma = 12.0, 1.1
	crawlSlow, crawlVerySlow  = 0.17, 0.03
	toAskedPage               = 0.75
	toFrontPage               = 0.13 // else to some other page
	secondTarget              = 0.12 // the article links to another page of ours as well
	seriesArticle             = 0.05 // a second article out of the same pitch
	derivedPage               = 0.15 // a tag, author or front page that shows the article: neither right nor wrong
	feedEntry                 = 0.02
	ampCopy                   = 0.08
	onOtherEdition            = 0.30 // the article appears under the other domain
	onBothEditions            = 0.40
	elsewhereOnPlatform       = 0.12 // under a publication's name or one that names nobody
	syndicated                = 0.10 // other outlets take the article over
	copyAtPitched             = 0.04 // and that outlet was pitched as well
	namesSubject              = 0.70 // the title has words of the pitch

	// What happens without us.
	regularShare, regularPerYear = 0.05, 0.80 // outlets that link to us anyway
	othersPerYear                = 0.015      // links a year from any other outlet that was pitched
	secondMention                = 0.06       // an outlet that took a pitch links again on its own
	organicToFront               = 0.40       // then to a page by its popularity
	organicToCampaign            = 0.20       // of which to the study that is being pitched
	strangersPerAuthor           = 5          // links of others on the same platforms
	ugcOutlets, ugcMarked        = 0.03, 0.60 // outlets with users' links, and how many of those say so
	ugcPath                      = 0.25       // lie under /forum or the like
	sectionOutlets               = 0.02       // jobs., forum. or support. links
	sectionSwitchedOff           = 0.30       // and somebody has switched that section off
	templateOutlets              = 0.015      // a footer or sidebar on many pages
	lookAlikes                   = 0.01       // hosts that contain a pitched outlet's name
	notEditorialShare            = 0.02       // redirects, canonicals and the like among organic links

	// How it is reported.
	seenByFirst, seenBySecond = 0.94, 0.55 // two providers with different spellings and days
	undatedLink               = 0.01
	pageDateOnly              = 0.02
	authorReported            = 0.40
	titleMissing              = 0.03
	laterLost                 = 0.12
)
