package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Subjects of pitches and titles of pages share no words on purpose: a matching
// topic would add points and move a link over a threshold that the truth counts on.
var (
	adjectives = strings.Fields("amber ancient autumn bitter blue bold brave bright calm clever cobalt copper coral crisp daily dusty early eager evening fair fast gentle golden grand green happy hidden honest humble indigo jolly keen late lively lucky mellow merry misty modern narrow noble northern open patient plain polite proud quick quiet rapid red rustic scarlet sharp silent silver simple sleepy smooth solid southern spare steady still sunny swift tidy tiny urban violet vivid warm western wide wild winter wise young")
	nouns      = strings.Fields("acorn anchor apron arch atlas badge barn basin beacon bench birch bridge brook cabin candle canyon castle cedar cliff cloud compass corner cottage creek crown desk dune easel ember falcon feather fern field forge fountain garden gate glacier grove harbor harvest hazel hill island ivory kettle lagoon lantern ledger lemon lodge maple market meadow mill mirror oak orchard otter paddle parcel pebble pine planet pond prairie quarry quill raven reef ridge river saddle shore signal spruce stable stone summit table thistle timber tower trail valley velvet village walnut willow window")
	firstNames = strings.Fields("Ada Ben Cara Dov Elin Fay Gus Hana Ivo June Kai Lena Milo Nora Omar Pia Quin Rosa Sven Tess Uma Vera Wes Xenia Yara Zeno")
	lastNames  = strings.Fields("Abbot Birk Crane Dahl Eddy Frost Gale Holt Inman Jarl Keene Lark Marsh North Oakes Penn Quist Rowe Stone Thorn Udall Vance West Yates")
	owners     = []string{"Ada Birk", "Milo Crane", "Tess Holt", "Ivo Marsh", "Nora Vance"}
	campaigns  = []string{"Spring study", "Product launch", "Evergreen guides", "Salary survey", "Reclaims"}
	pitchKinds = []string{"guest_post", "digital_pr", "expert_quote", "resource_link"}
	subjects   = []string{"Survey: commuting costs by postcode", "Expert comment on mortgage brokers", "Checklist for landlords", "Original dataset about parcels abroad", "Interview with our chief economist", "Infographic on freelance invoices"}
	anchors    = []string{"this overview", "brand.example", "Brand", "read more", "their write-up", "the full text", "source", "https://brand.example/", "a recent piece", "according to Brand", "Brand’s numbers", "étude complète", "+1 for this one", "=worth a look 🙂"}
	languages  = []string{"en", "en", "en", "en", "de", "fr", "es"}
	before     = []string{"As we wrote last week, there is more to it: ", "Nobody had counted before. \"Finally\", they say, ", "Voilà – ", "In short; see ", "There was some debate, but "}
	after      = []string{" puts the story in order, with maps and notes.", ", and it is worth the time.", " – weiter unten die Einzelheiten.", " (opens in a new tab)", " and others agree."}
)

type choice struct {
	what   string
	weight int
}

func weighted(r *rand.Rand, from []choice) string {
	total := 0
	for _, c := range from {
		total += c.weight
	}
	n := r.IntN(total)
	for _, c := range from {
		if n -= c.weight; n < 0 {
			return c.what
		}
	}
	return from[0].what
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// domain number i; the number keeps it apart from every other.
func domain(r *rand.Rand, i int) string {
	end := "example"
	if r.IntN(4) == 0 {
		end = "test"
	}
	return fmt.Sprintf("%s-%s-%d.%s", pick(r, adjectives), pick(r, nouns), i, end)
}

// author number i on a platform. The name is made so that no real one has it.
func author(r *rand.Rand, i int) string {
	return fmt.Sprintf("sample-%s-%s-%d", pick(r, adjectives), pick(r, nouns), i)
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
