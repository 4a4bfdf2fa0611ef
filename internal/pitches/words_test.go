package pitches

import (
	"strings"
	"testing"
)

// TestMapStatus has every word that was seen in public lists, and the shapes
// around them.
func TestMapStatus(t *testing.T) {
	for word, want := range map[string]Status{
		"sent": Pitched, "drafted": Draft, "pending": Pitched, "planned": Draft, "todo": Draft, "TODO": Draft,
		"Not Started": Draft, "Not started": Draft, "submitted": Pitched, "published": Landed, "live": Landed,
		"pr": Pitched, "blocked": Withdrawn, "LINKED": Landed, "OUTREACH": Pitched, "PROSPECT": Draft,
		"PENDING": Pitched, "needs_qualification": Draft, "ready_to_pitch": Draft,
		"skipped - wrong contact channel": Withdrawn, "DROPPED - link still live": Withdrawn,
		"✅ COMPLETED": Landed, "❌ PAGE NOT FOUND": Withdrawn, "⚠️ MANUAL REVIEW NEEDED": Draft,
		"À contacter": Draft, "À soumettre": Draft, "À créer": Draft, "En discussion": Replied, "Prévu": Draft, "offen": Draft,
		"a contacter": Draft, "ENVOYÉE": Pitched, "Sans réponse": NoReply, "refusé": Declined,
		"Veröffentlicht": Landed, "veroffentlicht": Landed, "Abgelehnt": Declined, "keine Antwort": NoReply,
		"Publicado": Landed, "rechazado": Declined, "Sin respuesta": NoReply, "Pubblicato": Landed, "rifiutato": Declined,
		"recusado": Declined, "Publicada": Landed, "afgewezen": Declined, "geplaatst": Landed,
		"已发布": Landed, "待联系": Draft, "已拒绝": Declined, "无回复": NoReply, "已发送": Pitched,
		"no_reply": NoReply, "No reply": NoReply, "No Response": NoReply, "Followed-up": Pitched, "follow up 2": Pitched,
		"Contacted (2x)": Pitched, "sent, no answer yet": Pitched, "Declined: too promotional": Declined, "bounced": NoReply,
		"✅": Landed, "❌": Declined, "✔️": Landed, "⏳": Pitched, "  Live  ": Landed, "'-Live": Landed,
		"accepted": Accepted, "in negotiation": Replied, "Withdrawn": Withdrawn, "Won": Accepted,
	} {
		if got, ok := MapStatus(word); !ok || got != want {
			t.Errorf("MapStatus(%q) = %q, %v; want %q", word, got, ok, want)
		}
	}
	for _, word := range []string{"", " ", "-", "Phase 3", "not live", "ask Bob", "🦆", strings.Repeat("sent ", 100)} {
		if got, ok := MapStatus(word); ok {
			t.Errorf("MapStatus(%q) = %q, want unknown", word, got)
		}
	}
}

// TestWordTables fails when a word stands under two meanings: which of them
// counts would then hang on the order of the tables.
func TestWordTables(t *testing.T) {
	seen := map[string]Status{}
	for s, words := range statusWords {
		for _, w := range words {
			k := statusKey(w)
			if prev, there := seen[k]; there && prev != s {
				t.Errorf("status word %q is %q and %q", w, prev, s)
			}
			seen[k] = s
			if got, ok := MapStatus(w); !ok || got != s {
				t.Errorf("MapStatus(%q) = %q, %v; the table says %q", w, got, ok, s)
			}
		}
	}
	types := map[string]Type{}
	for ty, words := range typeWords {
		for _, w := range words {
			if prev, there := types[squash(w)]; there && prev != ty {
				t.Errorf("type word %q is %q and %q", w, prev, ty)
			}
			types[squash(w)] = ty
			if got, ok := MapType(strings.ToUpper(w)); !ok || got != ty {
				t.Errorf("MapType(%q) = %q, %v; want %q", strings.ToUpper(w), got, ok, ty)
			}
		}
	}
}

func TestMapBool(t *testing.T) {
	for cell, want := range map[string]bool{"yes": true, "Oui": true, "x": true, "✓": true, "✅": true, "no": false, "NEIN": false, "❌": false, "não": false} {
		if got, ok := mapBool(cell); !ok || got != want {
			t.Errorf("mapBool(%q) = %v, %v", cell, got, ok)
		}
	}
	for _, cell := range []string{"", "perhaps", "⏳"} {
		if _, ok := mapBool(cell); ok {
			t.Errorf("mapBool(%q) is known", cell)
		}
	}
}

func TestIsFreeMail(t *testing.T) {
	for _, h := range []string{"gmail.com", "GMAIL.com", "yahoo.fr", "yahoo.co.uk", "hotmail.it", "gmx.de", "163.com", "orange.fr", "proton.me"} {
		if !isFreeMail(h) {
			t.Errorf("%s is a mailbox provider", h)
		}
	}
	for _, h := range []string{"example.com", "mail.example.com", "live.example.org", "gmail.example", "outlook.weekly.example", ""} {
		if isFreeMail(h) {
			t.Errorf("%s is no mailbox provider", h)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Date_de  Relance": "date de relance", "É-mail": "e mail", "Straße": "strasse", " # ": "#", "N°": "#", "⚠️ Go": "go",
		"链接类型": "链接类型", "\xff": "", "Łódź": "lodz", "nº 3": "no 3",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMapRel(t *testing.T) {
	for _, c := range [][3]string{
		{"dofollow", "", "dofollow"}, {"No Follow", "rel", "nofollow"}, {"no-follow", "rel", "nofollow"}, {"NoFollow", "x", "nofollow"},
		{"yes", "Dofollow", "dofollow"}, {"no", "Dofollow", "nofollow"}, {"oui", "nofollow", "nofollow"}, {"non", "nofollow", "dofollow"},
		{"yes", "rel", ""}, {"sponsored", "rel", "sponsored"},
	} {
		if got, _ := mapRel(c[0], c[1]); got != c[2] {
			t.Errorf("mapRel(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
