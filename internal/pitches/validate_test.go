package pitches

import (
	"math"
	"strings"
	"testing"

	"landed/internal/day"
	"landed/internal/fault"
)

func TestValidate(t *testing.T) {
	good := func() *Pitch {
		return &Pitch{SiteID: 1, Outlet: Outlet{Name: "Acme", Key: "acme.example", Host: "acme.example"}, Status: Pitched, SentOn: today,
			Subject: strings.Repeat("é", 500), Email: "ann@acme.example", TargetURL: "https://ours.example/a", LiveURL: "http://acme.example/p",
			CostCents: 100, Currency: "EUR", Tags: []string{"a"}, FollowUpOn: today + 700, Type: TypeReview, ExpectedRel: "nofollow"}
	}
	if err := Validate(good(), today); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		field  Field
		change func(*Pitch)
	}{
		"no site":          {"site", func(p *Pitch) { p.SiteID = 0 }},
		"no outlet":        {FieldOutlet, func(p *Pitch) { p.Outlet = Outlet{} }},
		"outlet is a name": {FieldOutlet, func(p *Pitch) { p.Outlet = Outlet{Name: "Acme"} }},
		"authority":        {FieldAuthority, func(p *Pitch) { p.Outlet.Authority = 100.5 }},
		"authority NaN":    {FieldAuthority, func(p *Pitch) { p.Outlet.Authority = math.NaN() }},
		"status":           {FieldStatus, func(p *Pitch) { p.Status = "won" }},
		"no status":        {FieldStatus, func(p *Pitch) { p.Status = "" }},
		"type":             {FieldType, func(p *Pitch) { p.Type = "x" }},
		"rel":              {FieldExpectedRel, func(p *Pitch) { p.ExpectedRel = "x" }},
		"subject":          {FieldSubject, func(p *Pitch) { p.Subject += "x" }},
		"NUL":              {FieldNotes, func(p *Pitch) { p.Notes = "a\x00" }},
		"invalid UTF-8":    {FieldContact, func(p *Pitch) { p.Contact = "\xff" }},
		"email":            {FieldEmail, func(p *Pitch) { p.Email = "ann at acme" }},
		"target path":      {FieldTarget, func(p *Pitch) { p.TargetURL = "/guide" }},
		"target script":    {FieldTarget, func(p *Pitch) { p.TargetURL = "javascript:alert(1)//a.example" }},
		"live host":        {FieldLiveURL, func(p *Pitch) { p.LiveURL = "https://localhost/a" }},
		"live too long":    {FieldLiveURL, func(p *Pitch) { p.LiveURL = "https://a.example/" + strings.Repeat("x", maxURL) }},
		"future":           {FieldSentOn, func(p *Pitch) { p.SentOn = today + 367 }},
		"far plan":         {FieldFollowUpOn, func(p *Pitch) { p.FollowUpOn = today + 4000 }},
		"past":             {FieldSentOn, func(p *Pitch) { p.SentOn = day.Date(1971, 1, 2) }},
		"negative cost":    {FieldCost, func(p *Pitch) { p.CostCents = -1 }},
		"huge cost":        {FieldCost, func(p *Pitch) { p.CostCents = maxCents + 1 }},
		"currency":         {FieldCurrency, func(p *Pitch) { p.Currency = "euro" }},
		"tags":             {FieldTags, func(p *Pitch) { p.Tags = make([]string, 51) }},
		"long tag":         {FieldTags, func(p *Pitch) { p.Tags = []string{strings.Repeat("x", 101)} }},
	} {
		p := good()
		c.change(p)
		err := Validate(p, today)
		fields := fault.FieldsOf(err)
		if !fault.Is(err, fault.Invalid) || len(fields) != 1 || fields[string(c.field)] == "" || fault.Message(err) != fields[string(c.field)] {
			t.Errorf("%s: %v %q", name, err, fields)
		}
	}
	p := good()
	p.SentOn, p.Subject, p.CostCents = today+9999, strings.Repeat("x", 501), -4
	if n := len(fault.FieldsOf(Validate(p, day.None))); n != 2 {
		t.Errorf("%d faults without a today, want subject and cost", n)
	}
}

func TestFieldsHaveLabels(t *testing.T) {
	if len(Fields) != len(fieldLabels) {
		t.Errorf("%d fields, %d labels", len(Fields), len(fieldLabels))
	}
	seen := map[string]Field{}
	for _, f := range Fields {
		if !f.Valid() || f.Label() == string(f) {
			t.Errorf("%q has no label", f)
		}
		if other := seen[f.Label()]; other != "" {
			t.Errorf("%q and %q are both called %q", f, other, f.Label())
		}
		seen[f.Label()] = f
	}
	if Field("nonsense").Valid() || Field("nonsense").Label() != "nonsense" {
		t.Error("an unknown field counts")
	}
}

func TestNaturalKey(t *testing.T) {
	base := Pitch{SiteID: 1, Outlet: Outlet{Key: "acme.example"}, Contact: "Ann Lee", Subject: "Rust & rain", SentOn: today}
	same := base
	same.ID, same.Status, same.Notes, same.CostCents, same.Contact, same.Subject, same.FollowUpOn = 9, Landed, "x", 5, "ANN  LEE", "rust, rain!", today
	same.TargetURL = "https://ours.example/x"
	if NaturalKey(base) != NaturalKey(same) {
		t.Error("what may change changes the key")
	}
	for name, change := range map[string]func(*Pitch){
		"site": func(p *Pitch) { p.SiteID = 2 }, "outlet": func(p *Pitch) { p.Outlet.Key = "b.example" }, "contact": func(p *Pitch) { p.Contact = "Bea" },
		"email": func(p *Pitch) { p.Email = "a@acme.example" }, "subject": func(p *Pitch) { p.Subject = "Rain" }, "day": func(p *Pitch) { p.SentOn++ },
	} {
		p := base
		change(&p)
		if NaturalKey(p) == NaturalKey(base) {
			t.Errorf("%s is not in the key", name)
		}
	}
	a, b := base, base
	a.Subject, a.TargetURL = "", "https://ours.example/x/"
	b.Subject, b.TargetURL = "", "http://www.ours.example/x"
	if NaturalKey(a) != NaturalKey(b) {
		t.Error("two spellings of one target")
	}
	b.TargetURL = "https://ours.example/y"
	if NaturalKey(a) == NaturalKey(b) {
		t.Error("without a subject the target page tells pitches apart")
	}
	if RefKey(base) != "" || IDKey(Pitch{SiteID: 1}) != "" {
		t.Error("no ref and no number give no key")
	}
}
