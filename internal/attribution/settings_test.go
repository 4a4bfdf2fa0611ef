package attribution

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"landed/internal/day"
	"landed/internal/fault"
)

func rulesOf(edit func(*Rules)) Rules {
	r := DefaultRules(today)
	edit(&r)
	return r
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*Rules)
		field string // "" = fine
	}{
		{"the defaults", func(*Rules) {}, ""},
		{"equal thresholds", func(r *Rules) { r.CreditAt, r.SuggestAt, r.PossibleAt = 70, 70, 70 }, ""},
		{"equal windows", func(r *Rules) { r.Windows = Windows{60, 60, 60} }, ""},
		{"nothing is credited under 100", func(r *Rules) { r.CreditAt = 100 }, ""},
		{"credited from 0", func(r *Rules) { r.CreditAt, r.SuggestAt, r.PossibleAt = 0, 0, 0 }, "credit_at"},
		{"credited from 101", func(r *Rules) { r.CreditAt = 101 }, "credit_at"},
		{"suggested above credited", func(r *Rules) { r.SuggestAt = 86 }, "suggest_at"},
		{"possible above suggested", func(r *Rules) { r.PossibleAt = 61 }, "possible_at"},
		{"grace", func(r *Rules) { r.GraceDays = -1 }, "grace_days"},
		{"windows out of order", func(r *Rules) { r.Windows.Middle = 10 }, "windows.middle"},
		{"last window", func(r *Rules) { r.Windows.Long = 89 }, "windows.long"},
		{"a bonus for a bounce", func(r *Rules) { r.Weights.Bounced = 1 }, "weights.bounced"},
		{"a fine for the right page", func(r *Rules) { r.Weights.TargetExact = -1 }, "weights.target_exact"},
		{"a cap", func(r *Rules) { r.Weights.NoDateCap = 101 }, "weights.no_date_cap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := rulesOf(c.edit).Validate()
			fields := fault.FieldsOf(err)
			if (err == nil) != (c.field == "") || c.field != "" && (!fault.Is(err, fault.Invalid) || fields[c.field] == "") {
				t.Fatalf("%v, fields %v; want %q", err, fields, c.field)
			}
		})
	}
}

// A setting is named as it is stored, or an error would point at no field.
func TestSettingsAreNamedAsStored(t *testing.T) {
	r := DefaultRules(today)
	for _, s := range r.Settings() {
		before := *s.Value
		*s.Value = 77 // no default
		var doc map[string]any
		b, err := json.Marshal(r)
		if err != nil || json.Unmarshal(b, &doc) != nil {
			t.Fatal(err)
		}
		var at any = doc
		for part := range strings.SplitSeq(s.Name, ".") {
			m, _ := at.(map[string]any)
			at = m[part]
		}
		if fmt.Sprint(at) != "77" || strings.Count(string(b), ":77") != 1 || s.Label == "" {
			t.Errorf("%s is not where the document has it: %s", s.Name, b)
		}
		*s.Value = before
	}
	// Every number of the document but its version is a setting.
	b, _ := json.Marshal(r)
	if n := strings.Count(string(b), ":") - 2 - 1; n != len(r.Settings()) {
		t.Errorf("%d numbers, %d settings", n, len(r.Settings()))
	}
}

func TestParseRules(t *testing.T) {
	want := rulesOf(func(r *Rules) { r.CreditAt, r.Weights.TopicMatch, r.Windows.Soon, r.Version = 90, 12, 45, 7 })
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseRules(b, today); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, c := range []struct {
		stored string
		bad    bool
		want   Rules
	}{
		{`{}`, false, DefaultRules(today)},
		{`{"weights":{"replied":9},"of_a_later_version":1}`, false, rulesOf(func(r *Rules) { r.Weights.Replied = 9 })},
		{`{"suggest_at":99}`, true, DefaultRules(today)},
		{`{"weights":{"replied":"many"}}`, true, DefaultRules(today)},
		{`nonsense`, true, DefaultRules(today)},
		{``, true, DefaultRules(today)},
	} {
		got, err := ParseRules([]byte(c.stored), today)
		if got != c.want || (err != nil) != c.bad || c.bad && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %+v, %v", c.stored, got, err)
		}
	}
}

// Each weight, window and threshold changes what the rules say of some world.
func TestEverySettingCounts(t *testing.T) {
	var quiet []string
	r := DefaultRules(today)
	for i, s := range r.Settings() {
		changed := false
		for seed := 0; seed < 3000 && !changed; seed++ {
			w := newWorld(randomBytes(seed, 600))
			before := fmt.Sprint(w.decide())
			v := w.rules.Settings()[i].Value
			if *v++; s.Max == 0 {
				*v -= 2
			}
			changed = fmt.Sprint(w.decide()) != before
		}
		if !changed && s.Name != "weights.preexisting_cap" { // seen only in the score of what is in no band
			quiet = append(quiet, s.Name)
		}
	}
	if len(quiet) > 0 {
		t.Errorf("settings without any effect: %v", slices.Sorted(slices.Values(quiet)))
	}
}

func TestWindowsAreSettings(t *testing.T) {
	l, p := linkFrom(t, 1, "https://example.com/a"), pitchTo(t, 7, "example.com")
	r := rulesOf(func(r *Rules) { r.Windows = Windows{Soon: 1, Middle: 2, Long: 4}; r.Weights.LongWindow = 7 })
	for days, want := range map[day.Day]int{1: 20, 2: 12, 4: 7, 5: 0} {
		l.FirstSeen = p.SentOn + days
		got := parts(r.Decide([]Link{l}, []Pitch{p}, nil)[0].Best)
		if got[InWindow]+got[Late] != want {
			t.Errorf("%d days: %v", days, got)
		}
	}
}
