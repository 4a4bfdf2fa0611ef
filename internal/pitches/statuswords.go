package pitches

import (
	"strings"
	"sync"
)

// statusWords are the words that lists use, each row folded when one is first read. They come
// from public link-building and press lists in several languages; a word with
// two readings stands where most lists mean it ("pending" is sent and waiting,
// "blocked" is a pitch that somebody stopped).
var statusWords = map[Status][]string{
	Draft: {
		"draft", "drafted", "drafting", "to do", "todo", "to-do", "planned", "plan", "idea", "backlog",
		"new", "open", "not started", "not contacted", "not sent", "not yet", "not submitted", "unsent", "to contact",
		"to pitch", "to send", "to submit", "to be contacted", "prospect", "prospecting", "researching", "research",
		"qualified", "needs qualification", "needs research", "needs contact", "ready", "ready to pitch",
		"ready to send", "ready to submit", "queued", "scheduled", "on hold", "hold", "later", "manual review needed",
		"manual review", "needs review", "preparing", "in preparation", "identified", "target", "not pitched",
		"à contacter", "à soumettre", "à créer", "à faire", "à envoyer", "prévu", "prévue", "brouillon",
		"pas commencé", "non contacté", "à relancer plus tard", "planifié", "en attente d'envoi",
		"offen", "geplant", "entwurf", "zu kontaktieren", "nicht kontaktiert", "vorbereitet", "noch offen", "ausstehend",
		"borrador", "por contactar", "por enviar", "pendiente de envío", "planificado", "por hacer", "sin contactar",
		"bozza", "da contattare", "da inviare", "da fare", "pianificato", "non contattato",
		"rascunho", "a contatar", "a contactar", "por fazer", "a fazer", "planejado", "planeado", "não contatado", "não iniciado",
		"concept", "te doen", "gepland", "te benaderen", "nog te contacteren", "niet benaderd",
		"草稿", "待联系", "待提交", "待发送", "未联系", "未开始", "计划", "计划中", "未提交", "待办",
		"📝", "🔲", "⬜", "☐", "💡",
	},
	Pitched: {
		"pitched", "sent", "email sent", "emailed", "mailed", "contacted", "contact made", "reached out", "outreach",
		"outreach sent", "outreached", "submitted", "submit", "applied", "pending", "pending review", "pending approval",
		"in review", "under review", "awaiting", "awaiting reply", "awaiting response", "waiting", "waiting for reply",
		"waiting for response", "waiting on reply", "in progress", "wip", "active", "followed up", "follow up",
		"follow up sent", "followup", "followup sent", "following up", "fu1", "fu2", "fu1 sent", "fu2 sent",
		"first follow up", "second follow up", "delivered", "opened", "pr", "pr open", "pr opened",
		"pull request", "message sent", "dm sent", "pitch sent", "request sent", "proposal sent", "initial email sent",
		"relance", "relancé", "relancée", "à relancer", "envoyé", "envoyée", "contacté", "contactée", "soumis", "soumise",
		"en attente", "en attente de réponse", "en cours", "mail envoyé",
		"gesendet", "versendet", "verschickt", "angeschrieben", "kontaktiert", "eingereicht", "wartend", "in arbeit",
		"in bearbeitung", "in prüfung", "nachgefasst", "erinnert", "angefragt", "warten auf antwort",
		"enviado", "enviada", "contactado", "contactada", "pendiente", "en proceso", "en espera", "solicitado",
		"seguimiento", "esperando respuesta",
		"inviato", "inviata", "contattato", "contattata", "in attesa", "in corso", "richiesto", "sollecitato",
		"contatado", "contatada", "pendente", "em andamento", "em espera", "aguardando", "aguardando resposta", "solicitada",
		"verzonden", "verstuurd", "benaderd", "gecontacteerd", "gemaild", "ingediend", "in behandeling", "in afwachting", "opgevolgd",
		"已发送", "已联系", "已提交", "等待回复", "待回复", "审核中", "待审核", "进行中", "已跟进", "跟进中",
		"📧", "✉", "✉️", "📨", "📤", "📩", "⏳", "⌛", "🕐", "🟡", "🔄",
	},
	Replied: {
		"replied", "reply", "reply received", "response", "responded", "response received", "answered", "in discussion",
		"discussing", "in talks", "talking", "negotiating", "negotiation", "in negotiation", "interested", "positive",
		"positive reply", "warm", "in contact", "conversation", "in conversation", "engaged",
		"répondu", "a répondu", "réponse", "réponse reçue", "en discussion", "en négociation", "négociation", "intéressé", "intéressée",
		"geantwortet", "antwort", "antwort erhalten", "beantwortet", "in verhandlung", "in diskussion", "interessiert", "im gespräch",
		"respondido", "respondió", "respuesta recibida", "en conversación", "negociando", "en negociación", "interesado", "interesada",
		"risposto", "ha risposto", "risposta ricevuta", "in trattativa", "in discussione", "interessato", "interessata",
		"respondeu", "resposta recebida", "em negociação", "em discussão", "interessado", "em conversa",
		"beantwoord", "gereageerd", "reactie", "reactie ontvangen", "in gesprek", "in onderhandeling", "geïnteresseerd",
		"已回复", "洽谈中", "沟通中", "有意向", "谈判中", "💬", "🗣", "🗣️",
	},
	Accepted: {
		"accepted", "agreed", "approved", "confirmed", "yes", "won", "ok", "okay", "go ahead", "greenlit", "green light",
		"committed", "promised", "will publish", "will link", "to be published", "awaiting publication", "in production",
		"writing", "content sent", "article sent", "draft sent", "content in progress", "article submitted", "paid",
		"accepté", "acceptée", "validé", "validée", "confirmé", "confirmée", "d'accord", "en rédaction", "approuvé",
		"akzeptiert", "angenommen", "zugesagt", "zusage", "bestätigt", "genehmigt", "freigegeben",
		"aceptado", "aceptada", "confirmado", "confirmada", "aprobado", "aprobada",
		"accettato", "accettata", "confermato", "confermata", "approvato", "approvata",
		"aceito", "aceita", "aceite", "aprovado", "aprovada",
		"geaccepteerd", "akkoord", "bevestigd", "goedgekeurd", "toegezegd",
		"已接受", "已同意", "已确认", "已通过", "同意", "通过", "🤝", "👍",
	},
	Landed: {
		"landed", "live", "published", "linked", "link live", "link placed", "link built", "link acquired", "link added",
		"placed", "posted", "secured", "link secured", "done", "complete", "completed", "finished", "success",
		"successful", "acquired", "built", "earned", "obtained", "verified", "indexed", "listed", "merged", "active link",
		"link obtained", "live link", "featured", "covered", "coverage", "aired", "went live", "is live",
		"publié", "publiée", "en ligne", "obtenu", "obtenue", "terminé", "terminée", "fait", "lien obtenu", "parution",
		"live gegangen", "veröffentlicht", "online", "erledigt", "fertig", "gesetzt", "link gesetzt", "abgeschlossen", "erschienen",
		"publicado", "publicada", "en línea", "hecho", "completado", "conseguido", "enlazado", "terminado",
		"pubblicato", "pubblicata", "in linea", "fatto", "completato", "ottenuto",
		"no ar", "concluído", "concluída", "feito", "obtido",
		"gepubliceerd", "geplaatst", "klaar", "voltooid", "afgerond", "gelukt",
		"已发布", "已上线", "已收录", "完成", "已完成", "上线", "已获得", "成功", "✅", "✔", "✔️", "☑", "☑️", "🟢", "🎉", "🏆", "🔗",
	},
	Declined: {
		"declined", "rejected", "refused", "no", "denied", "not interested", "turned down", "passed", "pass", "negative",
		"negative reply", "not accepted", "lost", "unsuccessful", "failed", "disapproved", "not approved", "not a fit", "bad fit",
		"do not contact", "dnc", "opted out", "unsubscribed", "blacklisted", "too expensive",
		"refusé", "refusée", "refus", "décliné", "non", "pas intéressé", "rejeté", "rejetée", "non intéressé",
		"abgelehnt", "absage", "nein", "kein interesse", "verweigert",
		"rechazado", "rechazada", "no interesado", "denegado",
		"rifiutato", "rifiutata", "non interessato", "respinto",
		"recusado", "recusada", "rejeitado", "rejeitada", "negado", "sem interesse", "não interessado", "não",
		"afgewezen", "geweigerd", "nee", "geen interesse",
		"已拒绝", "拒绝", "不感兴趣", "被拒", "❌", "✖", "✖️", "👎", "🔴",
	},
	NoReply: {
		"no reply", "noreply", "no response", "no answer", "unanswered", "ghosted", "silent", "silence", "cold",
		"unresponsive", "not replied", "never replied", "no reply after follow up", "bounced", "bounce",
		"hard bounce", "undelivered", "email bounced", "expired", "stale", "dead",
		"sans réponse", "pas de réponse", "aucune réponse", "sans suite",
		"keine antwort", "keine rückmeldung", "keine reaktion", "unbeantwortet", "unzustellbar",
		"sin respuesta", "sin contestación", "no respondió", "no contesta",
		"nessuna risposta", "senza risposta", "non risponde", "non ha risposto",
		"sem resposta", "não respondeu", "geen reactie", "geen antwoord", "niet gereageerd",
		"无回复", "未回复", "没有回复", "无回应", "🔇", "👻", "🤷",
	},
	Withdrawn: {
		"withdrawn", "dropped", "cancelled", "canceled", "abandoned", "skipped", "skip", "blocked", "stopped", "closed",
		"archived", "removed", "not relevant", "irrelevant", "duplicate", "page not found", "not found", "site down",
		"dead link", "not applicable", "not possible", "paused", "disqualified", "unqualified", "excluded", "ignore", "ignored", "invalid",
		"annulé", "annulée", "abandonné", "abandonnée", "retiré", "retirée", "bloqué", "bloquée", "non pertinent", "fermé",
		"abgebrochen", "zurückgezogen", "storniert", "gestrichen", "blockiert", "übersprungen", "nicht relevant", "geschlossen",
		"cancelado", "cancelada", "abandonado", "descartado", "bloqueado", "retirado", "omitido", "cerrado",
		"annullato", "annullata", "abbandonato", "ritirato", "bloccato", "scartato", "saltato", "chiuso",
		"descartada", "bloqueada", "fechado", "ignorado",
		"geannuleerd", "ingetrokken", "vervallen", "geblokkeerd", "overgeslagen", "niet relevant", "gesloten",
		"已取消", "取消", "放弃", "已放弃", "跳过", "已关闭", "🚫", "⛔", "🗑", "🗑️", "⏭", "⏭️",
	},
}

// byWordAndEmoji is statusWords turned round, and beside it the words that fold
// to nothing.
var byWordAndEmoji = sync.OnceValues(indexStatuses)

func statusByWord(key string) Status {
	words, _ := byWordAndEmoji()
	return words[key]
}

func indexStatuses() (words, emoji map[string]Status) {
	words, emoji = map[string]Status{}, map[string]Status{}
	for _, s := range Statuses {
		words[fold(string(s))] = s
		for _, w := range statusWords[s] {
			if k := fold(w); k != "" {
				words[k] = s
			} else {
				emoji[bareEmoji(w)] = s
			}
		}
	}
	return words, emoji
}

// bareEmoji drops the variation selector, which some keyboards add.
func bareEmoji(s string) string { return strings.ReplaceAll(s, "\ufe0f", "") }

// MapStatus reads a status as a list has it: "LINKED", "✅ COMPLETED",
// "À contacter", "skipped - wrong contact channel". Case, accents, emoji and
// what follows a dash, a colon or a bracket do not matter. The second result is
// false when the word is not known; "" is not known.
func MapStatus(word string) (Status, bool) {
	word = clean(word)
	if len(word) > maxStatusWord {
		return "", false
	}
	if s := statusByWord(fold(word)); s != "" {
		return s, true
	}
	// "DROPPED - link still live": what stands before the dash is the status.
	head := word
	if i := strings.IndexAny(word, ":;,(|/[\n–—→."); i > 0 {
		head = word[:i]
	}
	head, _, _ = strings.Cut(head, " - ")
	key := strings.TrimRight(fold(head), "0123456789 x")
	if s := statusByWord(key); s != "" {
		return s, true
	}
	if fold(word) == "" {
		return emojiStatus(word)
	}
	return "", false
}

// maxStatusWord is where a status cell is prose and no status, in bytes.
const maxStatusWord = 300

func emojiStatus(word string) (Status, bool) {
	first, _, _ := strings.Cut(bareEmoji(word), " ")
	_, emoji := byWordAndEmoji()
	s, ok := emoji[first]
	return s, ok
}

// statusKey is how Mapping.StatusMap and the mapping form name a status word.
func statusKey(word string) string {
	if k := fold(word); k != "" {
		return k
	}
	return bareEmoji(clean(word))
}

// bouncedWord reports a status that says the mail never arrived.
func bouncedWord(word string) bool {
	switch k := fold(word); k {
	case "bounced", "bounce", "hard bounce", "undelivered", "email bounced", "unzustellbar":
		return true
	}
	return false
}
