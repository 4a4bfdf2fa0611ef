package pitches

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var ownHosts = []string{"www.ours.example"}

// mapped prints a mapping as "header=field" in the order of the columns.
func mapped(m Mapping) string {
	var out []string
	for _, c := range m.Columns {
		out = append(out, c.Header+"="+string(c.Field))
	}
	return strings.Join(out, " ")
}

func fieldOf(m Mapping, header string) Field {
	for _, c := range m.Columns {
		if c.Header == header {
			return c.Field
		}
	}
	return ""
}

// TestAliases puts every alias into a list of its own, without cells, next to
// columns that name the outlet: the field with the strongest claim gets it.
func TestAliases(t *testing.T) {
	for _, row := range aliasRows {
		if row.field == FieldExtra {
			continue
		}
		for _, name := range row.names {
			best := slices.MaxFunc(claimsOf(name), func(a, b claim) int { return a.weight - b.weight })
			for _, spelling := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, " ", "_"), " " + name + " "} {
				header := []string{spelling}
				if best.field != FieldOutletURL && row.field != FieldOutletURL {
					header = append(header, "outlet_url")
				}
				m := Recognise(header, nil, nil)
				got := m.Columns[0].Field
				if got != best.field && !(row.field == FieldOutletURL && got == FieldOutletURL) {
					t.Errorf("%q is %s, want %s", spelling, got, best.field)
				}
				if m.Columns[0].Why == "" || m.Columns[0].Sure == "" {
					t.Errorf("%q: no reason", spelling)
				}
			}
		}
	}
}

func TestRecogniseHeaders(t *testing.T) {
	for name, c := range map[string]struct{ header, want string }{
		"prospects": {"site_name,contact_name,contact_email,page_url,opportunity_type,template_used,date_sent,status,follow_up_date,notes",
			"outlet,contact,email,outlet_url,type,extra,sent_on,status,follow_up_on,notes"},
		"awesome": {"Date,Link Type,Target Name,Target URL,DA Score,Contact Method,Status,Date Contacted,Date Followed Up,Date Secured,Backlink URL,Notes",
			"extra,type,outlet,outlet_url,authority,extra,status,sent_on,follow_up_on,landed_on,live_url,notes"},
		"launch": {"wave,priority,target,type,landing_page,submit_url,status,date_contacted,response,live_url,indexed,notes",
			"campaign,extra,outlet,type,target,outlet_url,status,sent_on,replied_on,live_url,extra,notes"},
		"own page": {"Page URL,Anchor,Target URL,Modification,Status", "outlet_url,anchor,target,extra,status"},
		"german": {"Batch,Verzeichnis,URL,Typ,DR,Ziel-URL,Text-Variante,Status,Datum,Dofollow geprueft,Notiz",
			"campaign,outlet,outlet_url,type,authority,target,anchor,status,sent_on,extra,notes"},
		"journalists": {"name,outlet,beat,twitter_handle,email,tier,industry", "contact,outlet,tags,extra,email,extra,extra"},
		"press":       {"Publication,Website,Type,Name,Position,Email,Notes", "outlet,outlet_url,type,contact,extra,email,notes"},
		"names only":  {"Name,Type,Website,Status,Sent Date,Response,Order Date,Notes", "outlet,type,outlet_url,status,sent_on,replied_on,extra,notes"},
		"mixed":       {"Site,Contact (email / LinkedIn / IG),url,#", "outlet,contact,outlet_url,ref"},
		"chinese":     {"外链网站,域名,联系人,邮箱,状态,发送日期,备注,权重", "outlet,outlet_url,contact,email,status,sent_on,notes,authority"},
		"spanish":     {"medio,sitio web,contacto,correo electrónico,asunto,estado,fecha de envío,notas", "outlet,outlet_url,contact,email,subject,status,sent_on,notes"},
		"italian":     {"testata,sito web,contatto,email,oggetto,stato,data di invio,sollecito,note", "outlet,outlet_url,contact,email,subject,status,sent_on,follow_up_on,notes"},
		"portuguese":  {"veículo,domínio,contato,e-mail,assunto,situação,data de envio,observações", "outlet,outlet_url,contact,email,subject,status,sent_on,notes"},
		"dutch":       {"publicatie,domein,contactpersoon,mailadresse,onderwerp,status,verzonden op,opmerkingen", "outlet,outlet_url,contact,email,subject,status,sent_on,notes"},
		"camel":       {"siteName,contactEmail,dateSent,liveUrl", "outlet,email,sent_on,live_url"},
	} {
		m := Recognise(strings.Split(c.header, ","), nil, ownHosts)
		var got []string
		for _, col := range m.Columns {
			got = append(got, string(col.Field))
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, ","), c.want)
		}
	}
}

// TestCellsDecide has names that mislead and cells that tell.
func TestCellsDecide(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		rows   [][]string
		want   string
	}{
		"target url is the outlet although there is a name": {
			[]string{"Target Name", "Target URL", "Status"},
			[][]string{{"A", "https://a.example/x", "sent"}, {"B", "https://b.example", "sent"}},
			"Target Name=outlet Target URL=outlet_url Status=status"},
		"target url is our page": {
			[]string{"Site", "URL", "Target URL"},
			[][]string{{"A", "a.example", "https://ours.example/x"}, {"B", "b.example", "https://www.ours.example"}},
			"Site=outlet URL=outlet_url Target URL=target"},
		"target url on another site next to an outlet column": {
			[]string{"Page URL", "Target URL"},
			[][]string{{"https://a.example/p", "https://client.example/x"}, {"https://b.example/p", "https://client.example/y"}},
			"Page URL=outlet_url Target URL=extra"},
		"url is our page, the outlet is elsewhere": {
			[]string{"url", "publication"},
			[][]string{{"https://ours.example/a", "a.example"}, {"https://ours.example/b", "b.example"}},
			"url=target publication=outlet"},
		"contact holds addresses": {
			[]string{"Domain", "Contact"},
			[][]string{{"a.example", "ed@a.example"}, {"b.example", "desk@b.example"}},
			"Domain=outlet_url Contact=email"},
		"contact holds channels": {
			[]string{"Domain", "Contact", "Email"},
			[][]string{{"a.example", "form", "ed@a.example"}, {"b.example", "LinkedIn", ""}},
			"Domain=outlet_url Contact=contact Email=email"},
		"paths are our pages": {
			[]string{"domain", "page_linked", "page"},
			[][]string{{"a.example", "/guide", "x"}, {"b.example", "/", "y"}},
			"domain=outlet_url page_linked=target page=extra"},
		"nameless columns": {
			[]string{"", "", "", ""},
			[][]string{{"https://a.example", "ed@a.example", "sent", "2026-01-02"}, {"https://b.example", "ed@b.example", "sent", "2026-01-03"}},
			"=outlet_url =email =status =sent_on"},
		"batch numbers are no ids": {
			[]string{"site", "no", "batch"},
			[][]string{{"a.example", "1", "1"}, {"b.example", "1", "2"}},
			"site=outlet no=extra batch=extra"},
		"next action in words": {
			[]string{"site", "next_action", "response"},
			[][]string{{"a.example", "write again", "nice people"}, {"b.example", "call", "none"}},
			"site=outlet next_action=extra response=extra"},
		"yes and no are no status": {
			[]string{"site", "Free?"},
			[][]string{{"a.example", "yes"}, {"b.example", "no"}, {"c.example", "no"}},
			"site=outlet Free?=extra"},
	} {
		if got := mapped(Recognise(c.header, c.rows, ownHosts)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestSecretColumns(t *testing.T) {
	header := []string{"Site", "Password", "user_name", "apiKey", "Login", "User", "Mot de passe", "Contraseña", "Access-Token", "密码", "Notes"}
	row := []string{"a.example", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "fine"}
	m := Recognise(header, [][]string{row}, nil)
	for i := range header {
		m.SetField(i, m.Columns[i].Field) // as a form that is sent back would
	}
	m.SetField(1, FieldExtra)
	m.SetField(2, FieldNotes)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Mapping
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	back.Columns[3].Field = FieldExtra // a mapping that was tampered with
	pl := Planner{Mapping: back, SiteID: 1}
	v := pl.Row(2, row)
	if v.Kind != RowNew {
		t.Fatalf("%+v", v)
	}
	all, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(back.Redact(row), " ")
	for _, s := range []string{"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"} {
		if strings.Contains(string(all), `"`+s) || strings.Contains(shown, s) || strings.Contains(string(data), s) {
			t.Errorf("%s is kept or shown", s)
		}
	}
	if !strings.Contains(shown, "fine") || v.Pitch.Notes != "" && v.Pitch.Notes != "fine" {
		t.Errorf("shown %q, notes %q", shown, v.Pitch.Notes)
	}
	if m := Recognise([]string{"Site", "User"}, nil, nil); m.Columns[1].Dropped() {
		t.Error("User alone is whose pitch it is, not a log-in")
	}
}

func TestMappingIsKept(t *testing.T) {
	m := Recognise([]string{"Site", "Sent", "Status"}, [][]string{{"a.example", "03/04/2026", "Phase 3"}}, nil)
	if n := m.NeedsDateOrder(); len(n) != 1 || n[0].Header != "Sent" || n[0].Example != "03/04/2026" {
		t.Fatalf("NeedsDateOrder = %+v", n)
	}
	if u := m.UnknownStatuses([][]string{{"a", "", "phase 3"}, {"b", "", "Phase 3"}, {"c", "", "sent"}, {"d"}}); len(u) != 1 {
		t.Errorf("UnknownStatuses = %q", u)
	}
	m.SetDateOrder(1, MonthFirst)
	m.SetStatus("Phase 3", Accepted)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Mapping
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(m, back) {
		t.Fatalf("%v\n%+v\n%+v", err, m, back)
	}
	back.ObserveDates(slices.Values([][]string{{"a.example", "25/04/2026", ""}}))
	if back.Columns[1].DateOrder != MonthFirst {
		t.Error("what a person answered was overruled")
	}
	if s, ok := back.Status("PHASE-3"); !ok || s != Accepted {
		t.Errorf("Status = %q, %v", s, ok)
	}
	if len(back.NeedsDateOrder()) != 0 {
		t.Error("asked again")
	}
	back.SetDateOrder(1, "")
	back.ObserveDates(slices.Values([][]string{{"a.example", "25/04/2026", ""}, {"b.example", "03/04/2026", ""}}))
	if back.Columns[1].DateOrder != DayFirst {
		t.Errorf("order %q", back.Columns[1].DateOrder)
	}
	back.SetField(0, FieldNotes)
	back.SetField(2, FieldNotes)
	if fieldOf(back, "Site") != FieldExtra || fieldOf(back, "Status") != FieldNotes {
		t.Errorf("a field went to two columns: %s", mapped(back))
	}
}

func TestIsHeader(t *testing.T) {
	for line, want := range map[string]bool{
		"Site,Status,Notes": true, "url,status": true, "Outreach 2026,,": false, "a.example,sent,": false,
		"Status,Notes": false, "Jan,Feb": false,
	} {
		if got := IsHeader(strings.Split(line, ",")); got != want {
			t.Errorf("IsHeader(%q) = %v", line, got)
		}
	}
}
