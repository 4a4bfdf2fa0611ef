package main

import "strings"

var (
	plain  = strings.Fields("amber autumn bold bright calm clever cobalt copper coral crisp daily dusty early fair gentle golden grand honest indigo lively lucky merry misty modern narrow northern patient quiet rapid rustic scarlet silver simple steady sunny swift urban vivid warm western winter")
	things = strings.Fields("anchor atlas badge beacon bridge brook cabin canyon castle cedar cloud compass corner cottage crown desk ember falcon field forge fountain garden glacier grove harbor hill island kettle lantern ledger meadow mill mirror orchard pebble planet quarry ridge river signal summit tower village window")
	// topics are what campaigns are about. They are ordinary words: a title that
	// has nothing to do with a pitch may have some of them as well.
	topics = strings.Fields("payroll salaries overtime pension freelancers invoices childcare commuting mortgage landlords energy insulation heating batteries bicycles railway luggage airports passwords phishing ransomware breaches calories sleep vaccines clinics pharmacies gardening pollinators wildfires flooding drought groceries inflation savings dividends startups layoffs onboarding burnout meetings tutoring apprentices libraries podcasts streaming esports museums")

	firstNames = strings.Fields("Ada Ben Cara Dov Elin Fay Gus Hana Ivo June Kai Lena Milo Nora Omar Pia Quin Rosa Sven Tess Uma Vera Wes Xenia Yara Zeno")
	lastNames  = strings.Fields("Abbot Birk Crane Dahl Eddy Frost Gale Holt Inman Jarl Keene Lark Marsh North Oakes Penn Quist Rowe Stone Thorn Udall Vance West Yates")
	owners     = []string{"Maya Fern", "Tom Alder", "Iris Reed", "Paul Moss"}

	hostPlatforms = []string{"substack.com", "substack.com", "wordpress.com", "wordpress.com", "blogspot.com", "blogspot.co.uk", "tumblr.com", "medium.com", "beehiiv.com", "ghost.io", "hashnode.dev", "weebly.com"}
	pathPlatforms = []string{"medium.com/@", "medium.com/@", "medium.com/", "linkedin.com/in/", "github.com/", "dev.to/", "sites.google.com/view/", "youtube.com/@", "reddit.com/r/", "facebook.com/", "note.com/"}
	stockAnchors  = []string{"here", "this guide", "read more", "Brand", "Brand", "Brand", "brand.example", "https://brand.example/", "website", "source", "according to Brand", "this article", ""}
)
