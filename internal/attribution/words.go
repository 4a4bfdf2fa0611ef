package attribution

import "strings"

// commonWords say nothing about a subject: words of four and more letters that
// are frequent in English, German, French, Spanish, Italian, Portuguese, Dutch
// and the Nordic languages, and those of outreach itself. Folded, as in the
// texts they are looked up for.
var commonWords = wordSet(`
about above across actually after again against almost alone along already also although always among another
anyone anything around away back became because become been before behind being below best better between beyond
both bring came cannot come comes could days does doing done down during each early easy else enough even ever
every everyone everything facts fewer find first five four free from full gave gets give goes going gone good
great hard have having help here high himself home hour hours however idea ideas into itself just keep kind know
large last late later latest least less like likely list little long look made make makes making many maybe mean
means might mine month months more most much must myself need needs never next nine none nothing often once ones
only other others over part people place plus rather read real really right said same says seen should show
shows simple since some something soon still such sure take takes tell than that thats their them then there
these they thing things think this those three through time times tips today together told tomorrow took toward
under until upon used useful user uses using very want wants week weeks well went were what whats when where
which while whole whom whose will with within without work works would year years yesterday your yours youre
article articles author blog blogs collaborate collaboration column content contribute contribution contributor
editor editorial feature guest inquiry link links offer opportunity page partnership piece pitch post posts
press announcement data explained expert experts figures findings guide guides infographic insight insights interview launch
news product products report reports research review reviews reveals revealed says statistics studies study survey
surveys trend trends proposal quick question quote regarding release request resource resources site sponsored story stories
submission subject suggestion topic update website aber alle allem allen aller alles andere auch beim bitte dann
dass dein deine denn deren dessen diese diesem diesen dieser dieses doch durch eine einem einen einer eines euer
fragen fuer gegen haben hatte heute hier ihre ihrem ihren ihrer immer jede jeden jeder jetzt kann kein keine
koennen konnen mehr mein meine mich mussen muessen nach nicht noch oder ohne sehr sein seine seit sich sind
thema ueber uber unser unsere unter viele warum wann weil wenn werden wird wieder wurde zwischen zwei drei jahr
jahre beitrag artikel gastbeitrag alors apres aussi autre autres avant avec avez avoir bien cela cette ceux chez
comme comment contre dans depuis deux dont elle elles encore entre etre faire fait font leur leurs mais meme
mieux moins nous notre nouveau nouvelle parce pendant pour pourquoi quand quel quelle quelles quels sans selon
sera sont sous sujet tous tout toute toutes tres trois votre vous algo alguna ante antes aqui aunque bajo cada
como contra cual cuales cuando desde donde durante ella ellas ellos entonces eran esta estaba estan estas este
estos fueron hace hacia hasta mejor mejores mientras mucho muchos nada nosotros nuestra nuestro nueva nuevo otra
otras otro otros para pero poco porque puede pueden quien segun sido siempre sino sobre solo somos suya tambien
tanto tiene tienen toda todas todo todos tras unos usted ustedes alla anche ancora avere bene contro cosa cosi
dalla dalle dallo degli della delle dello dopo dove essere fare fino hanno loro meglio meno molto negli nella
nelle nello nostra nostro ogni perche prima quale quali quando quanto quella quelli quello questa queste questi
questo senza sono sopra sotto stato sugli sulla sulle tutti tutto agora ainda alem apenas assim dela dele deles
depois dessa desse desta deste disso elas eles entao essa esse estao foram isso isto melhor mesmo muito nossa
nosso pela pelo pode podem quais qual quem sempre seus suas tambem tudo umas voce voces alleen beter binnen daar
deze door echt geen gaan goed haar hebben heeft heel iets jaar jouw kunnen maar maken meer meest mijn moet
moeten naar niet nieuwe omdat onder onze sinds tegen toch tussen veel voor waar waarom wanneer welke werd wordt
worden zeer zich zijn zoals zonder zullen alltid allt andra andre bara blev blir bland detta dette deras denna
denne disse efter eller ettersom fick finns fram fran genom gjorde hade hans hele helt hennes hjalp hvad hvem
hvis hvor hvordan ikke ingen inget inte inom kanske komma kommer kunde kunne lika mange manga mellan mellom mera
mest mycket maste nagon nagot nagra noen noget nogle nytt ocksa ofta ogsa olika samma sedan siden skulle skal
sina till tillbaka utan uten vara varfor varit vilka vilken vill ville vore aldrig artikkel artikeln
`)

// notNames are words around a person's name, and those that desks go by.
var notNames = wordSet(`
and by dr et frau herr mag med miss mme mr mrs ms prof professor sir the und von
admin author chief contributor contributors correspondent desk edited editor editorial editors journalist
managing news newsroom office press redaction redaktion reporter reporters senior staff team writer writers
`)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}
