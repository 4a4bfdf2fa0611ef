package pitches

import (
	"strings"
	"sync"
)

// claim is how strongly a column's name speaks for a field: 60 says so plainly,
// 45 usually means it, 35 only when no other column is better.
type claim struct {
	field  Field
	weight int
}

type aliasRow struct {
	field  Field
	weight int
	names  []string
}

// aliasRows are names of columns as public pitch, press and link-building lists
// have them. A name may stand under several fields; the cells then decide.
var aliasRows = []aliasRow{
	{FieldID, 60, []string{"landed id", "pitch number"}},
	{FieldRef, 60, []string{"ref", "reference", "pitch id", "pitchid", "list id", "row id", "internal ref", "référence", "referenz", "referencia", "riferimento", "referência", "referentie", "编号", "序号"}},
	{FieldRef, 45, []string{"id", "#", "nr", "no", "num", "number", "uid", "uuid", "key", "numéro", "nummer", "número", "numero", "n"}},

	{FieldOutlet, 60, []string{"outlet", "publication", "media outlet", "media", "media name", "outlet name", "publication name", "site name", "website name", "directory name", "blog name", "platform name", "magazine", "newspaper", "publisher", "target name", "prospect name",
		"média", "media plateforme", "nom du site", "nom du média", "annuaire", "verzeichnis", "medium", "webseite name", "medio", "nombre del medio", "nombre del sitio", "directorio", "testata", "nome sito", "nome del sito", "veículo", "nome do site", "publicatie", "naam website", "外链网站", "媒体", "媒体名称", "网站名称", "平台"}},
	{FieldOutlet, 50, []string{"platform", "site", "source", "target", "directory", "blog", "prospect", "company", "business", "organization", "organisation", "podcast", "show", "channel", "plateforme", "journal", "plattform", "seite", "plataforma", "sitio", "piattaforma", "sito", "bron", "来源", "网站"}},
	{FieldOutlet, 40, []string{"name", "nom", "nombre", "nome", "naam", "名称", "título del medio", "destinataire", "recipient", "empfänger", "destinatario", "destinatário"}},

	{FieldOutletURL, 60, []string{"outlet url", "website", "website url", "web site", "domain", "domain name", "root domain", "referring domain", "site url", "outlet domain", "outlet website", "homepage", "url source", "source url", "source domain", "publication url", "publication website", "directory url", "platform url", "media url", "prospect url", "linking domain", "host",
		"site web", "domaine", "nom de domaine", "webseite", "internetseite", "quelle url", "quell url", "sitio web", "dominio", "pagina web", "página web", "sito web", "domínio", "site do veículo", "website adres", "domein", "域名", "网址", "网站地址", "外链域名"}},
	{FieldOutletURL, 55, []string{"url", "page url", "link", "prospect page", "linking page", "referring page", "adresse", "lien", "enlace", "外链页面", "链接"}},
	{FieldOutletURL, 45, []string{"target url", "target site", "target website", "target domain", "target page"}},
	{FieldOutletURL, 35, []string{"submit url", "submission url", "submit地址", "contact url", "contact page", "contact form"}},

	{FieldTarget, 60, []string{"our page", "our url", "page we want linked", "url cible", "page cible", "landing page", "landing url", "destination url", "destination page", "destination", "page linked", "linked page", "link target", "link to", "url to", "primary link", "my url", "my page", "requested link", "promoted url", "money page",
		"ziel url", "zielurl", "zielseite", "url objetivo", "url destino", "página de destino", "página objetivo", "url di destinazione", "pagina di destinazione", "url de destino", "url alvo", "doelpagina", "doel url", "目标链接", "目标页面", "目标url", "落地页"}},
	{FieldTarget, 55, []string{"target url", "target page", "target link", "page"}},
	{FieldTarget, 45, []string{"target", "deep link", "cible", "ziel", "link url"}},

	{FieldContact, 60, []string{"contact", "contact name", "contact person", "journalist", "reporter", "editor", "author", "author name", "writer", "blogger", "webmaster", "host name", "full name", "interlocuteur", "nom du contact", "journaliste", "rédacteur", "ansprechpartner", "kontakt", "kontaktperson", "redakteur", "contacto", "persona de contacto", "periodista", "contatto", "persona di contatto", "referente", "giornalista", "contato", "pessoa de contato", "jornalista", "contactpersoon", "journalist naam", "联系人", "记者", "编辑"}},
	{FieldContact, 45, []string{"destinataire", "recipient", "first name", "empfänger", "destinatario", "destinatário", "ontvanger", "person", "who"}},
	{FieldContact, 35, []string{"name", "nom", "nombre", "nome", "naam"}},

	{FieldEmail, 60, []string{"email", "e-mail", "mail", "email address", "e-mail address", "contact email", "press email", "editor email", "email id", "adresse email", "adresse e-mail", "courriel", "adresse mail", "e-mail-adresse", "emailadresse", "mailadresse", "correo", "correo electrónico", "indirizzo email", "posta elettronica", "endereço de email", "邮箱", "电子邮件", "联系邮箱"}},
	{FieldEmail, 45, []string{"contact", "kontakt", "contacto", "contatto", "contato", "contact details", "contact info", "联系方式"}},

	{FieldCampaign, 60, []string{"campaign", "campaign name", "project", "campagne", "projet", "kampagne", "projekt", "campaña", "proyecto", "campagna", "progetto", "campanha", "projeto", "活动", "项目"}},
	{FieldCampaign, 45, []string{"wave", "batch", "sprint"}},

	{FieldSubject, 60, []string{"subject", "subject line", "pitch title", "pitch", "angle", "headline", "article title", "topic", "article idea", "idea", "article", "post title", "story", "sujet", "objet", "titre", "angle d'attaque", "betreff", "thema", "titel", "asunto", "tema", "título", "oggetto", "titolo", "assunto", "onderwerp", "主题", "标题", "选题"}},
	{FieldSubject, 50, []string{"title", "guest post topic", "content title", "email subject", "hook"}},

	{FieldType, 60, []string{"pitch type", "link type", "opportunity type", "outreach type", "type outreach", "type of link", "backlink type", "linktyp", "art", "link art", "type de lien", "tipo de enlace", "tipo di link", "tipo de link", "soort", "linktype", "链接类型", "类型"}},
	{FieldType, 50, []string{"type", "format", "typ", "tipo", "category", "source type", "kind", "tactic", "strategy", "method"}},

	{FieldStatus, 60, []string{"status", "statut", "estado", "stato", "stage", "state", "pitch status", "outreach status", "link status", "situation", "zustand", "estatus", "situação", "fase", "étape", "etat", "état", "状态", "进度"}},
	{FieldStatus, 40, []string{"result", "outcome", "response", "progress", "ergebnis", "résultat", "resultado"}},

	{FieldAnchor, 60, []string{"anchor", "anchor text", "anchor asked for", "requested anchor", "anchor suggere", "anchor suggested", "anchortext", "ancre", "texte d'ancre", "ankertext", "linktext", "text variante", "texto ancla", "ancla", "texto de anclaje", "testo di ancoraggio", "ancora", "texto âncora", "texto ancora", "âncora", "ankertekst", "锚文本", "锚文字"}},

	{FieldExpectedRel, 60, []string{"expected rel", "rel", "follow type", "follow", "dofollow", "nofollow", "dofollow nofollow", "follow nofollow", "link attribute", "link rel", "是否dofollow", "attribut"}},
	{FieldExpectedRel, 40, []string{"link type", "attribute"}},

	{FieldOwner, 60, []string{"owner", "assigned to", "assignee", "responsible", "assigned", "pitched by", "sent by", "outreach by", "responsable", "zuständig", "verantwortlich", "bearbeiter", "asignado a", "responsabile", "assegnato a", "responsável", "verantwoordelijke", "eigenaar", "负责人"}},

	{FieldSentOn, 60, []string{"sent on", "pitched on", "date sent", "sent date", "sent", "sent at", "date contacted", "contacted on", "contact date", "date submitted", "submission date", "submitted on", "pitch date", "date pitched", "outreach date", "last sent date", "first contact", "first contacted", "date of outreach", "email sent date", "date d'envoi", "date envoi", "date de contact", "envoyé le", "contacté le", "gesendet am", "versanddatum", "kontaktiert am", "datum gesendet", "eingereicht am", "fecha de envío", "fecha envío", "fecha de contacto", "enviado el", "data di invio", "data invio", "data contatto", "inviato il", "data de envio", "data envio", "data de contato", "enviado em", "verzonddatum", "verzonden op", "datum verzonden", "发送日期", "联系日期", "提交日期", "提交时间"}},
	{FieldSentOn, 40, []string{"date", "datum", "fecha", "data", "日期", "when", "created", "timestamp", "last contacted", "last contact"}},

	{FieldFollowUpOn, 60, []string{"follow up on", "follow up date", "followup date", "follow up", "followup", "date followed up", "next follow up", "next followup", "follow up due", "date relance", "date de relance", "relance", "relance le", "wiedervorlage", "nachfassen am", "nachfassdatum", "erinnerung", "seguimiento", "fecha de seguimiento", "próximo seguimiento", "data follow up", "sollecito", "data sollecito", "acompanhamento", "data de acompanhamento", "opvolgdatum", "opvolging", "跟进日期", "下次跟进", "跟进时间"}},

	{FieldNextActionOn, 60, []string{"next action on", "next action date", "next step date", "date prevue", "date prévue", "planned date", "due date", "due", "planned on", "geplant am", "fecha prevista", "data prevista", "geplande datum", "计划日期"}},
	{FieldNextActionOn, 40, []string{"next action", "next step"}},

	{FieldRepliedOn, 60, []string{"replied on", "reply date", "date replied", "response date", "date of reply", "answered on", "date de réponse", "répondu le", "antwort am", "antwortdatum", "geantwortet am", "fecha de respuesta", "data risposta", "data di risposta", "data de resposta", "datum reactie", "回复日期"}},
	{FieldRepliedOn, 35, []string{"replied", "response", "reply"}},

	{FieldExpectedOn, 60, []string{"expected on", "expected date", "expected publication", "publication expected", "expected live date", "eta", "planned publication", "publication prévue", "erwartet am", "publicación prevista", "pubblicazione prevista", "publicação prevista", "verwachte datum", "预计日期", "预计发布"}},

	{FieldLandedOn, 60, []string{"landed on", "date landed", "date live", "live date", "date secured", "date approved", "date verified", "published on", "date published", "publish date", "publication date", "live on", "live since", "date de publication", "publié le", "date obtention", "veröffentlicht am", "veröffentlichung", "live seit", "online seit", "fecha de publicación", "publicado el", "data di pubblicazione", "data pubblicazione", "pubblicato il", "data de publicação", "publicado em", "publicatiedatum", "geplaatst op", "发布日期", "上线日期", "上线时间"}},

	{FieldClosedOn, 60, []string{"closed on", "date closed", "date declined", "declined on"}},

	{FieldLiveURL, 60, []string{"live url", "live link", "backlink url", "backlink", "listing url", "published url", "article url", "result url", "link url live", "url backlink obtenu", "url obtenue", "lien obtenu", "url de l'article", "live link url", "veröffentlichte url", "artikel url", "url publicada", "enlace publicado", "url pubblicato", "link pubblicato", "link publicado", "gepubliceerde url", "live pagina", "外链地址", "发布链接", "上线链接"}},
	{FieldLiveURL, 50, []string{"profile url", "placement url", "placement", "coverage", "coverage link", "post url"}},
	{FieldLiveURL, 40, []string{"link"}},

	{FieldCost, 60, []string{"cost", "price", "fee", "amount", "paid", "cost usd", "price usd", "link price", "budget", "coût", "prix", "tarif", "montant", "kosten", "preis", "gebühr", "betrag", "coste", "costo", "precio", "importe", "prezzo", "importo", "custo", "preço", "valor", "prijs", "bedrag", "价格", "费用", "成本"}},
	{FieldCurrency, 60, []string{"currency", "devise", "monnaie", "währung", "moneda", "valuta", "moeda", "货币", "币种"}},
	{FieldPaidUntil, 60, []string{"paid until", "expires", "expires on", "expiry date", "paid to"}},
	{FieldBounced, 60, []string{"bounced", "bounce", "email bounced"}},
	{FieldDeclineReason, 60, []string{"reason declined", "decline reason", "reason", "rejection reason", "motif", "grund", "absagegrund", "motivo"}},

	{FieldTags, 60, []string{"tags", "tag", "labels", "keywords", "étiquettes", "schlagworte", "etiquetas", "etichette", "标签"}},
	{FieldTags, 40, []string{"niche", "beat", "vertical", "categorie", "kategorie", "categoría", "categoria"}},

	{FieldNotes, 60, []string{"notes", "note", "comment", "comments", "remarks", "remark", "observations", "commentaire", "commentaires", "remarques", "notiz", "notizen", "bemerkung", "bemerkungen", "kommentar", "anmerkung", "notas", "nota", "comentarios", "comentario", "observaciones", "commenti", "commento", "osservazioni", "comentários", "observações", "opmerking", "opmerkingen", "notities", "备注", "说明", "注释"}},

	{FieldAuthority, 60, []string{"authority", "da", "dr", "da score", "dr score", "domain authority", "domain rating", "da dr", "ahrefs dr", "moz da", "ur", "tf", "trust flow", "as", "authority score", "autorité", "autorität", "autoridad", "autorità", "autoridade", "autoriteit", "权重"}},

	{FieldExtra, 60, []string{"extra json"}},
}

// aliases and the like are made when a list is read; most starts read none.
var aliases = sync.OnceValue(indexAliases)

// indexAliases keys the names by their squashed fold, so that "siteName",
// "site_name" and "Site name" are one.
func indexAliases() map[string][]claim {
	m := map[string][]claim{}
	put := func(key string, f Field, w int) {
		for i, c := range m[key] {
			if c.field == f {
				m[key][i].weight = max(c.weight, w)
				return
			}
		}
		m[key] = append(m[key], claim{f, w})
	}
	for _, r := range aliasRows {
		for _, n := range r.names {
			put(squash(n), r.field, r.weight)
		}
	}
	for f, l := range fieldLabels {
		if !f.shared() {
			put(squash(l), f, 60)
		}
	}
	return m
}

// claimsOf is what a column's name speaks for, strongest spelling first: the
// whole name, then what stands before a bracket or a slash.
func claimsOf(header string) []claim {
	if c := aliases()[squash(header)]; c != nil {
		return c
	}
	i := strings.IndexAny(header, "(（[/:?")
	if i <= 0 {
		return nil
	}
	var out []claim
	for _, c := range aliases()[squash(header[:i])] {
		out = append(out, claim{c.field, c.weight - 5})
	}
	return out
}

// secretWords and secretParts name columns that hold credentials. Link lists
// often carry the log-in of each directory; it must not reach the database, a
// preview or a log.
var (
	secretWords = wordSet("pwd", "pass", "pw", "login", "token", "tokens", "secret", "pin", "otp", "2fa", "totp", "mfa", "identifiant", "usuario", "utente", "gebruiker", "utilisateur", "benutzer", "bearer", "cvv")
	secretParts = []string{"password", "passwd", "passwort", "passphrase", "passcode", "kennwort", "motdepasse", "contrasena", "senha", "wachtwoord",
		"username", "userid", "loginname", "benutzername", "nomdutilisateur", "nombredeusuario", "nomeutente", "nomedeusuario", "gebruikersnaam",
		"apikey", "apitoken", "apisecret", "accesstoken", "accesskey", "secretkey", "privatekey", "clientsecret", "authtoken", "credential", "securityanswer", "recoverycode", "cookie", "sessionid",
		"密码", "用户名", "账号", "密钥", "令牌", "口令"}
)

func wordSet(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// secret reports a column that must never be kept or shown, by its name.
func secret(header string) bool {
	all := squash(header)
	for _, p := range secretParts {
		if strings.Contains(all, p) {
			return true
		}
	}
	for w := range strings.FieldsSeq(fold(splitCamel(header))) {
		if secretWords[w] {
			return true
		}
	}
	return false
}

// splitCamel puts a space into "userPass" and "authToken".
func splitCamel(s string) string {
	var b strings.Builder
	lower := false
	for _, r := range s {
		up := r >= 'A' && r <= 'Z'
		if up && lower {
			b.WriteByte(' ')
		}
		lower = r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	return b.String()
}
