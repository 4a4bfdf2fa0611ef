package ahrefs

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestWhere(t *testing.T) {
	for _, tt := range []struct {
		w    Where
		want string
	}{
		{Where{}, ``},
		{And(), ``},
		{Eq("is_lost", true), `{"field":"is_lost","is":["eq",true]}`},
		{Neq("http_code", 200), `{"field":"http_code","is":["neq",200]}`},
		{Gt("domain_rating_source", 30.5), `{"field":"domain_rating_source","is":["gt",30.5]}`},
		{Gte("ahrefs_rank_source", json.Number("12")), `{"field":"ahrefs_rank_source","is":["gte",12]}`},
		{Lt("first_seen_link", "2026-01-01"), `{"field":"first_seen_link","is":["lt","2026-01-01"]}`},
		{Lte("links", int64(1)), `{"field":"links","is":["lte",1]}`},
		{Substring("anchor", `"}]`), `{"field":"anchor","is":["substring","\"}]"]}`},
		{ISubstring("anchor", "É"), `{"field":"anchor","is":["isubstring","É"]}`},
		{Prefix("url_from", "https://a.test/?a=1&b=<2>"), `{"field":"url_from","is":["prefix","https://a.test/?a=1&b=<2>"]}`},
		{Suffix("url_from", "\n"), `{"field":"url_from","is":["suffix","\n"]}`},
		{Regex("title", `^\d+$`), `{"field":"title","is":["regex","^\\d+$"]}`},
		{Empty("anchor"), `{"field":"anchor","is":"empty"}`},
		{Not(IsNull("last_seen")), `{"not":{"field":"last_seen","is":"is_null"}}`},
		{And(Eq("a", 1), Where{}), `{"field":"a","is":["eq",1]}`},
		{And(Eq("a", 1), Or(Eq("b", 2), Eq("c", 3))), `{"and":[{"field":"a","is":["eq",1]},{"or":[{"field":"b","is":["eq",2]},{"field":"c","is":["eq",3]}]}]}`},
	} {
		if got := tt.w.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if tt.want != "" && !json.Valid([]byte(tt.want)) {
			t.Errorf("%s is no JSON", tt.want)
		}
	}
	if got := And(Eq("a", 1), Not(Or(Eq("b", 2), Empty("a")))).Fields(); !slices.Equal(got, []string{"a", "b", "a"}) {
		t.Error(got)
	}
}
