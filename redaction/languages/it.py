"""Italian, in reduced form: clues, questions, numbers, the city spelling alphabet."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NO = r"(?: ?(?:n|num(?:ero)?|nr)\.?)?"
_UNITS = ("uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove")
_TENS = {"venti": 20, "trenta": 30, "quaranta": 40, "cinquanta": 50, "sessanta": 60, "settanta": 70, "ottanta": 80, "novanta": 90}
_BELOW_HUNDRED = {
    "dieci": 10, "undici": 11, "dodici": 12, "tredici": 13, "quattordici": 14, "quindici": 15, "sedici": 16, "diciassette": 17, "diciotto": 18,
    "diciannove": 19, **_TENS,
    **{(ten[:-1] if unit[0] in "uo" else ten) + unit: value + place for ten, value in _TENS.items() for place, unit in enumerate(_UNITS, 1)},
}

LANGUAGE = Language(
    code="it",
    stop=frozenset(
        ["il", "lo", "la", "gli", "le", "un", "una", "e", "è", "di", "che", "non", "per", "con", "sono", "ho", "ha", "mi", "si", "ma", "come", "del", "della", "dei", "al", "alla", "da", "in", "nel", "su", "più", "anche", "grazie", "buongiorno", "salve", "ciao", "vorrei", "mio", "mia", "vostro", "questo", "quello", "perché", "quando"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numero|codice|n) (?:di )?(?:cliente|ordine|contratto|fattura|pratica|spedizione|tracking|prenotazione|ticket|polizza|tessera|socio)|"
            r"etichetta (?:del )?bagaglio|ordine|fattura|contratto|pratica|spedizione|prenotazione|polizza|cliente|ticket|riferimento|tessera",
        ),
        T.DEVICE_ID: (r"(?:numero di )?serie|seriale|matricola|imei|iccid|telaio|contatore|pod|pdr",),
        T.NATIONAL_ID: (rf"codice fiscale|c\.?f|passaporto{_NO}|carta d'identita{_NO}|patente{_NO}|tessera sanitaria|documento",),
        T.PHONE: (r"telefono|tel|cellulare|cell|chiamare|chiamatemi|richiamare|fisso|recapito|numero di telefono|whatsapp|reperibile",),
        T.IBAN: (r"iban|bic|conto(?: corrente)?|coordinate bancarie|cc",),
        T.CARD: (r"carta(?: di credito| di debito)?|visa|mastercard|cvv|cvc|scadenza|scade|ultime quattro|bancomat",),
        T.PLATE: (r"targa|targata",),
        T.DATE_OF_BIRTH: (r"nat[oa](?: il)?|nascita|data di nascita|classe",),
        T.USERNAME: (r"nome utente|utente|username|login|account|profilo|nickname",),
        T.PASSWORD: (r"password|pin|codice(?: di sicurezza| sms| di verifica| di sblocco)?|puk|parola (?:d'ordine|chiave)|otp",),
        T.EMAIL: (r"e-?mail|mail|posta elettronica|pec",),
        T.STREET: (r"indirizzo|abito|residente|domicilio",),
        T.POSTCODE_CITY: (r"cap|citta|comune|residente a|abito a",),
        T.GEO: (r"coordinate|gps|latitudine|longitudine|posizione",),
    },
    exact=("di serie", "matricola", "bagaglio", "pod", "pdr"),
    secrets=(
        r"(?:password|pass|chiave|codice) (?:del )?wi-?fi|password|codice (?:pin|puk|sms|otp|segreto|ricevuto|cancello|citofono|portone|di (?:verifica|sicurezza|sblocco|accesso|ritiro|conferma)|"
        r"del (?:cancello|portone|citofono))|pin|puk|otp",
    ),
    other=(r"modello|articolo|codice (?:articolo|errore|prodotto|sconto|promo)|versione|errore|prezzo|ean|taglia|pagina|p\.? ?iva|partita iva|numero verde|codice (?:ricambio|colore|lotto)|riferimento prodotto|cartucc\w+|toner|firmware|software|aggiornamento|importo|sconto|lotto|volo|treno|binario|ricambi\w*|colore|canale",),
    asks={
        T.PASSWORD: (r"domanda (?:di sicurezza|segreta)|risposta segreta",),
        T.PERSON: (r"(?:il (?:suo|tuo) |mi dice il )?(?:nome|cognome)|come si chiama|con chi parlo|a che nome|spelling|intestat\w+|chi (?:e|parla)",),
        T.STREET: (r"indirizzo|dove abita|via|numero civico|civico",),
        T.POSTCODE_CITY: (r"cap\b|citta|comune|dove abita|indirizzo",),
        T.DATE_OF_BIRTH: (r"data di nascita|quando e nat[oa]|nat[oa]",),
        T.PHONE: (r"numero di telefono|telefono|cellulare|a che numero|richiamar\w+|contattar\w+",),
    },
    units=("euro", "ore", "giorni", "giorno", "settimane", "mesi", "anni", "anno", "minuti", "gradi", "chili", "metri", "litri", "volte", "pezzi", "cifre", "percento", "centimetri", "secondi"),
    numerals=Numerals(
        digits={"zero": "0", "uno": "1", "un": "1", "due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7", "otto": "8", "nove": "9"},
        numbers=_BELOW_HUNDRED,
        hundred=("cento",),
        thousand=("mila", "mille"),
        link=("e",),
        times={"doppio": 2, "doppia": 2, "triplo": 3},
        ordinals={"primo": 1},
        months={"gennaio": 1, "febbraio": 2, "marzo": 3, "aprile": 4, "maggio": 5, "giugno": 6, "luglio": 7, "agosto": 8, "settembre": 9, "ottobre": 10, "novembre": 11, "dicembre": 12},
    ),
    alphabet={
        "ancona": "a", "bologna": "b", "bari": "b", "como": "c", "catania": "c", "domodossola": "d", "empoli": "e", "firenze": "f", "genova": "g", "hotel": "h", "imola": "i",
        "jolly": "j", "kappa": "k", "livorno": "l", "milano": "m", "napoli": "n", "otranto": "o", "palermo": "p", "padova": "p", "quarto": "q", "roma": "r", "savona": "s",
        "salerno": "s", "torino": "t", "taranto": "t", "udine": "u", "venezia": "v", "washington": "w", "york": "y", "zara": "z",
    },
    letters={"bi": "b", "ci": "c", "di": "d", "effe": "f", "gi": "g", "acca": "h", "elle": "l", "emme": "m", "enne": "n", "pi": "p", "cu": "q", "erre": "r", "esse": "s", "ti": "t", "vu": "v", "ics": "x", "ipsilon": "y", "zeta": "z"},
    spelled_as=("come",),
    symbols={"punto": ".", "chiocciola": "@", "trattino": "-", "underscore": "_", "barra": "/", "più": "+", "virgola": ","},
    fillers=("ehm", "eh", "e", "poi", "allora", "dunque", "mah", "ancora"),
    titles=("signor", "signora", "sig", "sig.ra", "signorina", "dott", "dottor", "dottore", "dottoressa", "dott.ssa", "avv", "avvocato", "ing", "ingegner", "geom", "prof", "professor", "professore", "professoressa", "maestra"),
    names_follow=(r"mi chiamo|(?:il )?mio nome e|sono (?:il signor|la signora)|a nome(?: di)?|intestat[oa] a|nome ?:|cognome ?:",),
    farewells=(r"(?:cordiali|distinti) saluti|saluti|grazie(?: mille| e saluti)?|cordialmente|un saluto|buona giornata",),
    not_names=("buongiorno", "servizio", "clienti", "il", "la", "lo", "di", "che", "non", "signor", "signora", "gentile", "grazie"),
    mailboxes=("info", "assistenza", "servizioclienti", "ordini", "amministrazione", "vendite", "supporto", "contatti", "resi", "biglietteria", "prenotazioni", "contabilita", "fatture", "fatturazione", "segreteria", "commerciale", "ufficio", "spedizioni", "sinistri", "filiale", "negozio", "reclami", "ricambi", "abbonamenti", "clienti", "soci", "noleggio"),
    examples=(r"(?:per|ad) esempio|p\.? ?es\.?",),
    samples=("esempio|tipo",),
    ours=(r"servizio clienti|chiamarci|ci chiami|numero verde|nostro numero|centralino|assistenza clienti",),
    premises=(r"punto vendita|in negozio|sede (?:legale|centrale)|centro (?:assistenza|resi)|ufficio resi|magazzino resi|(?:nostr|vostr)[oaie] (?:[a-z'-]+ )?(?:negozio|filiale|sede|magazzino|officina|farmacia|agenzia|sportello|ufficio)",),
    homes=(r"abit\w*|appartamento|casa|sopra|sotto|accanto|di fronte|dietro|vicino|non|invece|anziche|contratto|ordin\w*|comprat\w*|acquist\w*|fattura|reclam\w*|disdetta|lavor\w*|inquilin\w*|famiglia|consegn\w*|ritirate|ritirare|pacco|appuntamento|tecnico|visita|contatore|utenza|abbonamento|conto|soci[oa]|destinatari[oa]|guast\w*|perdita|trasloc\w*|sinistro|condominio|indirizzo|nuov\w*|cambi\w*|rimbors\w*",),
    mine=(r"io|mi|mio|mia|chiamatemi|richiam\w*|ricontatt\w*",),
    lives_in=(r"(?:abit(?:o|iamo|a)|vivo|viviamo|residente|trasferit[aoie])(?: (?:ora|adesso|qui))? a|trasferit[aoie] da",),
    health=(
        r"scarlattina|morbillo|orecchioni|pertosse|impetigine|stampelle|contrassegno (?:disabili|invalidi)|"
        r"diabet\w+|cancro|tumore|leucemia|linfoma|chemio(?:terapia)?|radioterapia|ictus|infarto|scompenso|cardiopatic\w+|pacemaker|pressione alta|ipertes\w+|"
        r"trombosi|embolia|asma|asmatic\w+|bpco|polmonite|fibrosi \w+|epile\w+|parkinson|alzheimer|demenza|sclerosi multipla|depressione|depress[oa]|"
        r"esaurimento nervoso|ansia|attacchi di panico|schizofreni\w+|bipolare|autis\w+|adhd|anoressi\w+|bulimi\w+|alcolist\w+|hiv|sieropositiv\w+|aids|epatite|"
        r"tubercolosi|covid|artrite|artrosi|osteoporosi|fibromialgia|ernia(?: (?:del disco|al disco|inguinale|discale))?|sciatica|eczema|psoriasi|"
        r"morbo di [a-z]+|celiac\w+|intollerante al \w+|allergi(?:a|e|c[oa])|emicrani\w+|acufen\w+|sord[oa]|sordita|ipovedente|cieca|cieco|non vedente|glaucoma|"
        r"cataratta|distacco della retina|maculopatia|paralizzat\w+|paraplegic\w+|amput\w+|sedia a rotelle|carrozzina|disabile|invalid[oa]|invalidita|legge 104|"
        r"incinta|aborto|dialisi|trapiant\w+|operat[oa]|incontinen\w+|stomia|catetere|insulina|lupus|endometriosi|influenza|varicella|colpo di frusta|"
        r"(?:braccio|gamba|piede|polso|caviglia|femore|spalla|costola) rott[oa]|"
        r"rott[oa] (?:il|la|un|una) (?:braccio|gamba|piede|polso|caviglia|femore|spalla|costola)|musulman\w+|cattolic[oa]|ebre[oai]\w*|testimone di geova|"
        r"buddista|valdes\w+|ate[oa]|gay|omosessuale|lesbica|bisessuale|transgender|iscritt[oa] (?:alla |al |a )?(?:cgil|cisl|uil|sindacato|pd|lega)|"
        r"sindacalista",
    ),
    people=(
        r"io|mi|me|mio|mia|miei|mie|noi|nostr\w+|lui|lei|suo|sua|gli|le|ho|ha|abbiamo|sono|soffr\w+|marito|moglie|mamma|madre|papa|padre|nonn[oa]|figli[oa]|"
        r"bambin[oa]|fratello|sorella|suocer[oa]|zi[oa]|paziente|assistit[oa]|affett[oa]|diagnos\w+|causa|dopo|per",
    ),
)
