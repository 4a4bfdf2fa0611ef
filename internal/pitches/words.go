package pitches

import "strings"

var typeWords = map[Type][]string{
	TypeGuestPost: {"guest post", "guest posting", "guest article", "guest blog", "guest blogging", "guestpost", "contributed article", "byline", "op-ed", "contribution",
		"article invité", "tribune", "gastbeitrag", "gastartikel", "artículo invitado", "post invitado", "guest post invitado", "articolo ospite", "artigo convidado", "post convidado", "gastblog", "gastartikel plaatsen", "客座文章", "投稿"},
	TypeDigitalPR: {"digital pr", "pr", "press", "press release", "media", "media outreach", "news", "news story", "data story", "editorial", "journalist", "communiqué", "communiqué de presse", "presse", "rp", "pressemitteilung", "nota de prensa", "comunicado de prensa", "comunicato stampa", "persbericht", "新闻稿", "媒体"},
	TypeExpertQuote: {"expert quote", "expert comment", "quote", "expert", "haro", "expert source", "journalist request", "interview", "commentary", "expert roundup", "roundup", "round-up",
		"citation d'expert", "expertenzitat", "cita de experto", "专家引用"},
	TypeResourceLink: {"resource link", "resource", "resources", "resource page", "directory", "directory listing", "listing", "link insertion", "niche edit", "link placement", "listicle", "awesome list", "profile", "citation", "link", "backlink", "forum", "community", "annuaire", "verzeichnis", "directorio", "directory submission", "insertion de lien",
		"ressource", "página de recursos", "pagina risorse", "página de recurso", "目录", "资源页"},
	TypeBrokenLink:      {"broken link", "broken link building", "broken links", "404", "dead link", "lien cassé", "lien mort", "toter link", "defekter link", "enlace roto", "link rotto", "link quebrado", "失效链接", "死链"},
	TypeUnlinkedMention: {"unlinked mention", "unlinked mentions", "unlinked brand mention", "brand mention", "mention", "mention sans lien", "mention non liée", "erwähnung", "mención", "menzione", "menção", "提及"},
	TypePodcast:         {"podcast", "podcast guest", "podcast appearance", "show", "webinar", "podcast interview", "播客"},
	TypeReview:          {"review", "product review", "test", "reviews", "avis", "bewertung", "rezension", "reseña", "recensione", "análise", "评测"},
	TypeReclaim:         {"reclaim", "link reclamation", "reclamation", "lost link", "récupération", "rückgewinnung", "recuperación"},
}

var typeByWord = indexTypes()

func indexTypes() map[string]Type {
	m := map[string]Type{}
	for _, t := range Types {
		m[squash(string(t))] = t
		m[squash(t.Label())] = t
		for _, w := range typeWords[t] {
			m[squash(w)] = t
		}
	}
	return m
}

// MapType reads a kind of offer as a list has it: "Guest Post", "guest-posting",
// "Gastbeitrag". The second result is false when the word is not known.
func MapType(word string) (Type, bool) {
	if len(word) > maxStatusWord {
		return TypeUnknown, false
	}
	t, ok := typeByWord[squash(clean(word))]
	return t, ok
}

var relByWord = map[string]string{
	"dofollow": "dofollow", "follow": "dofollow", "followed": "dofollow", "df": "dofollow",
	"nofollow": "nofollow", "nf": "nofollow", "nofollowed": "nofollow", "notfollow": "nofollow",
	"sponsored": "sponsored", "paid": "sponsored", "relsponsored": "sponsored", "sponsorise": "sponsored",
}

// mapRel reads the rel that was asked for; false when the word is not known. A
// yes or a no answers the column's name: no under "Dofollow" is nofollow.
func mapRel(word, header string) (string, bool) {
	h := squash(header)
	yes, answer := mapBool(word)
	if answer && (h == "dofollow" || h == "follow" || h == "nofollow") {
		if yes == (h == "nofollow") {
			return "nofollow", true
		}
		return "dofollow", true
	}
	r, ok := relByWord[squash(word)]
	return r, ok
}

var (
	yesWords = wordSet("yes", "y", "true", "1", "x", "oui", "vrai", "ja", "wahr", "si", "verdadero", "vero", "sim", "verdadeiro", "waar", "是", "有", "bounced", "bounce")
	noWords  = wordSet("no", "n", "false", "0", "non", "faux", "nein", "falsch", "falso", "nao", "nee", "onwaar", "否", "无", "没有")
)

// mapBool reads yes and no in several languages, "✓" and "✗" too.
func mapBool(cell string) (yes, ok bool) {
	k := squash(cell)
	switch {
	case yesWords[k]:
		return true, true
	case noWords[k]:
		return false, true
	case k == "":
		s, known := emojiStatus(cell)
		if strings.ContainsAny(cell, "✓✔☑") {
			return true, true
		}
		return s == Landed, known && (s == Landed || s == Declined)
	}
	return false, false
}

// freeMail are hosts of personal mailboxes: the address says nothing of the
// publication. A host of one of these with any country ending counts too
// ("yahoo.fr").
var (
	freeMail      = wordSet("aol.com", "att.net", "bluewin.ch", "btinternet.com", "comcast.net", "duck.com", "fastmail.com", "free.fr", "freenet.de", "googlemail.com", "hey.com", "hushmail.com", "icloud.com", "inbox.com", "laposte.net", "libero.it", "mac.com", "mail.com", "me.com", "msn.com", "naver.com", "orange.fr", "pm.me", "posteo.de", "proton.me", "qq.com", "rediffmail.com", "rocketmail.com", "seznam.cz", "sfr.fr", "t-online.de", "tuta.io", "tutanota.com", "verizon.net", "virgilio.it", "wanadoo.fr", "web.de", "wp.pl", "yeah.net", "ymail.com", "ziggo.nl", "kpnmail.nl", "terra.com.br", "uol.com.br", "bol.com.br", "126.com", "163.com", "139.com", "sina.com", "sina.cn", "sohu.com", "foxmail.com", "aliyun.com", "hanmail.net", "daum.net", "o2.pl", "onet.pl", "interia.pl", "abv.bg", "mailbox.org", "zoho.com", "zohomail.com", "bk.ru", "list.ru", "inbox.ru", "mail.ru", "telenet.be", "skynet.be", "home.nl", "xs4all.nl", "planet.nl", "neuf.fr", "tiscali.it", "alice.it", "tin.it", "arcor.de", "sapo.pt", "cox.net", "sbcglobal.net", "bellsouth.net", "earthlink.net", "charter.net", "sky.com", "ntlworld.com", "talktalk.net", "bigpond.com", "optusnet.com.au")
	freeMailNames = wordSet("gmail", "yahoo", "hotmail", "outlook", "live", "gmx", "protonmail", "yandex", "icloud", "aol", "rediffmail")
	countryEnds   = wordSet("com", "net", "org", "co.uk", "com.br", "com.au", "co.jp", "co.in", "com.mx", "com.ar", "co.nz", "com.tr", "com.cn", "com.tw", "com.hk", "co.id", "co.za", "com.sg", "com.vn", "com.ph", "com.my", "co.kr", "co.th", "me")
)

// isFreeMail reports a mail host that many people share.
func isFreeMail(host string) bool {
	host = strings.ToLower(host)
	if freeMail[host] {
		return true
	}
	name, end, _ := strings.Cut(host, ".")
	return freeMailNames[name] && (countryEnds[end] || len(end) == 2)
}
