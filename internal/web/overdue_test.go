package web

import (
	"fmt"
	"strings"
	"testing"

	"landed/internal/auth"
	"landed/internal/backlinks"
	days "landed/internal/day"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/testkit"
)

func TestOverdueAcceptance(t *testing.T) {
	a := newApp(t)
	ctx, by, today := t.Context(), store.By{Name: "command line"}, days.Of(testkit.Start)
	accept := func(host string, sent int, dr float64) int64 {
		p, err := a.Store.CreatePitch(ctx, by, pitches.Pitch{SiteID: 1, Outlet: pitches.Outlet{Host: host, Authority: dr, Metric: "DR"}, Subject: host, Status: pitches.Accepted, SentOn: today - days.Day(sent), TargetURL: "https://fern.example/guide"})
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	late, early := accept("late.example", 60, 55), accept("early.example", 3, 55)
	a.as(auth.Staff).Get(fmt.Sprint("/pitches/", late)).Want(200).Lacks("Accepted, no link seen") // nothing to go by yet
	if n := a.as(auth.Staff).Get("/pitches?overdue=1").Want(200).Find("tbody tr").Length(); n != 0 {
		t.Errorf("%d overdue with nothing to go by", n)
	}
	var links []backlinks.Link
	for i := range 6 { // links after 10, 11 … 15 days
		host := fmt.Sprintf("outlet-%d.example", i)
		accept(host, 40, 60)
		links = append(links, backlinks.Link{SourceURL: "https://" + host + "/ferns", TargetURL: "https://fern.example/guide", Provider: "ahrefs", FirstSeen: today - 30 + days.Day(i), LastSeen: today, Authority: 60, Metric: backlinks.DR})
	}
	if _, err := a.Store.SaveLinks(ctx, 1, linksOf(links), false, nil); err != nil {
		t.Fatal(err)
	}
	a.as(auth.Staff).Get(fmt.Sprint("/pitches/", late)).Want(200).Has("Accepted, no link seen in 60 days: overdue",
		"Half of the accepted pitches to outlets of DR 50 to 69 had their link seen within 13 days of the pitch, three of four within 15 days (6 links; 2 still waiting)")
	a.as(auth.Staff).Get(fmt.Sprint("/pitches/", early)).Want(200).Has("Accepted, no link seen in 3 days<").Lacks("overdue</")
	list := a.as(auth.Staff).Get("/pitches?overdue=1").Want(200)
	if rows := list.Find("tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "late.example") {
		t.Errorf("overdue: %s", rows.Text())
	}
	list.Has("Remove filter: Accepted, overdue")
	if file := a.as(auth.Staff).Get("/pitches.csv?overdue=1").Want(200); strings.Count(file.Body, "\n") != 2 || !strings.Contains(file.Body, "late.example") {
		t.Errorf("export %q", file.Body)
	}
	// Once the link is there, it is overdue no more.
	late1 := backlinks.Link{SourceURL: "https://late.example/ferns", TargetURL: "https://fern.example/guide", Provider: "ahrefs", FirstSeen: today, LastSeen: today}
	if _, err := a.Store.SaveLinks(ctx, 1, linksOf([]backlinks.Link{late1}), false, nil); err != nil {
		t.Fatal(err)
	}
	a.as(auth.Staff).Get(fmt.Sprint("/pitches/", late)).Want(200).Lacks("Accepted, no link seen")
}
