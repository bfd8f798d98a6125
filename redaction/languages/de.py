"""German, as written and spoken in Germany, Austria and Switzerland.

Spelling alphabets: DIN 5009:1996 (Anton, Berta), DIN 5009:2022 (cities), ÖNORM A 1081, the Swiss table,
and words people improvise.
"""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NR = r"[ -]?(?:nr\b|nummere?n?|no\b|num\b|id\b|kennung|code)"

_UNITS = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_UNIT_VARIANTS = {"zwei": ("zwei", "zwo"), "fünf": ("fünf",), "sieben": ("sieben", "siebn"), "ein": ("ein",)}
_TENS = {
    "zwanzig": 20, "zwanzg": 20, "dreißig": 30, "dreißg": 30, "dreizig": 30, "vierzig": 40, "vierzg": 40,
    "fünfzig": 50, "fuffzig": 50, "fünfzg": 50, "sechzig": 60, "sechzg": 60, "siebzig": 70, "siebzg": 70,
    "achtzig": 80, "achtzg": 80, "neunzig": 90, "neunzg": 90,
}
_BELOW_HUNDRED = {
    "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "fuffzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    **_TENS,
    **{
        f"{form}{joiner}{ten}": value + place
        for place, unit in enumerate(_UNITS, 1)
        for form in _UNIT_VARIANTS.get(unit, (unit,))
        for ten, value in _TENS.items()
        for joiner in ("und", "e", "n")
    },
}
_ORDINALS = {
    "erste": 1, "zweite": 2, "zwote": 2, "dritte": 3, "vierte": 4, "fünfte": 5, "sechste": 6, "siebte": 7, "siebente": 7,
    "achte": 8, "neunte": 9, "zehnte": 10, "elfte": 11, "zwölfte": 12, "dreizehnte": 13, "vierzehnte": 14,
    "fünfzehnte": 15, "sechzehnte": 16, "siebzehnte": 17, "achtzehnte": 18, "neunzehnte": 19, "zwanzigste": 20,
    **{f"{unit}undzwanzigste": 20 + place for place, unit in enumerate(_UNITS, 1)}, "zwoundzwanzigste": 22,
    "dreißigste": 30, "einunddreißigste": 31,
}

LANGUAGE = Language(
    code="de",
    stop=frozenset(
        ["der", "die", "das", "und", "ich", "ist", "nicht", "sie", "mit", "ein", "eine", "auf", "für", "den", "dem", "bei", "wir", "ihr", "hab", "habe", "mein", "meine", "bitte", "noch", "auch", "aber", "ja", "nein", "wie", "was", "wann", "wo", "von", "zu", "zum", "zur", "im", "am", "es", "wird", "kann", "haben", "hallo", "guten", "tag", "danke", "doch", "mal", "schon", "uns", "mich", "mir", "bin", "sind", "war", "nur", "dann", "da", "so", "oder", "wenn", "des", "einen", "ihre", "ihren", "einmal", "äh", "ähm", "also", "ned", "net", "nicht"],
    ),
    clues={
        T.CUSTOMER_NO: (
            rf"~(?:kunden|kd|kdn|vertrags?|auftrags?|bestell|rechnungs?|vorgangs?|ticket|fall|reparatur|rma|sendungs?|paket|"
            rf"tracking|policen?|versicherungs(?:schein)?|schadens?|mitglieds?|buchungs?|reservierungs?|abo|beleg|kassen|"
            rf"teilnehmer|spender|matrikel|bearbeitungs|referenz|vorfall|service|antrags?|leistungs|filial|post|depot|"
            rf"bonus|rückgabe|retouren?|garantie|lieferschein|bon|ticket|akten|geschäfts|partner|personal|patienten)s?{_NR}",
            r"~buchungs(?:code|referenz)|~aktenzeichen|~kassenzeichen|~vertragskonto|~vorgangszeichen|kdnr|kd|vtr|rg|re|"
            r"~gepäck(?:anhänger|abschnitt|etikett)|az|rma|betr|betreff|kundenkarte|ladekarte|bahncard|payback|~bestätigung|referenz|~referenz",
            r"~(?:kunde|vertrag|auftrag|bestellung|rechnung|vorgang|ticket|sendung|police|buchung|mitglied|zeichen|"
            r"reservierung|schaden|paket|retoure|mahnung)e?s?",
        ),
        T.DEVICE_ID: (
            rf"~(?:serien|geräte|zähler|rahmen|fahrgestell|sim[ -]?karten|fertigungs|fabrikations|gehäuse|werk|maschinen|"
            rf"fz|fahrzeugident(?:ifikations)?|chip)s?{_NR}",
            r"s/?n|imei\d?|iccid|eid|seriennr|ser|fin|vin|snr|fd|~zähler",
        ),
        T.NATIONAL_ID: (
            rf"~(?:steuer(?:identifikations)?|ident(?:ifikations)?|sozialversicherungs|sv|renten(?:versicherungs)?|"
            rf"krankenversicherten|versicherten|krankenkassen|ahv|pass|reisepass|ausweis|personalausweis|führerschein|"
            rf"e-?card|aufenthaltstitel|visum|listen){_NR}",
            r"idnr|steuer-?id|svnr|ahv|bsn|pesel|tin|personalausweis|perso|~ausweis|reisepass|~führerschein|~pass|steuernummer|"
            r"versichertennr|kvnr|rvnr|e-?card|krankenkasse|tc kimlik|codice fiscale",
        ),
        T.PHONE: (
            rf"~(?:telefon|tel|handy|mobil(?:funk)?|ruf|rückruf|festnetz|durchwahl|fax|natel|whats ?app){_NR}",
            r"tel|telefon|handy|mobil|mobile|festnetz|fax|rückruf|natel|whats ?app|erreichbar|erreichen|anrufen|anruft|"
            r"zurückrufen|ruf(?:en|t|e)?|rufnummer|durchwahl|~telefonnummer|~handynummer|klingel[nt]|sms an",
        ),
        T.IBAN: (
            r"~iban|bic|swift|~kontonummer|~kontonr|~bankverbindung|~bankleitzahl|blz|~bankkonto|kto|konto-?nr|ktnr|girokonto|"
            r"lastschrift|~einzugskonto|sepa|konto",
        ),
        T.CARD: (
            r"~kreditkarten?(?:nummer|nr)?|visa|mastercard|amex|american express|maestro|debitkarte|~kartennummer|"
            r"~kartennr|cvc|cvv|prüfziffer|kartenprüfnummer|gültig bis|ablaufdatum|karte|girocard|ec-?karte|"
            r"läuft ab|~gültigkeit|verfallsdatum|karte endet auf",
        ),
        T.PLATE: (r"~kennzeichen|nummernschild|~autonummer|kontrollschild|taferl",),
        T.DATE_OF_BIRTH: (
            r"geb|geboren\w*|~geburtsdatum|~geburtstag|geburts?|geb\.? ?dat(?:um)?|jahrgang|jg|~geburtsjahr|gebdat|wiegenfest",
        ),
        T.USERNAME: (
            r"~benutzer(?:name)?n?|~nutzername|~username|user|login|~anmeldename|nickname|nick|account|acc|~profilname|insta\w*|"
            r"discord|steam|gamertag|~kennung|twitch|~anzeigename",
        ),
        T.PASSWORD: (
            r"~passwor[td]|~kennwor[td]|pw|pwd|pass|pin|puk|tan|pin\d|puk\d|~codewort|~zugangscode|~türcode|~torcode|code|"
            r"~sicherheitscode|~abholcode|~bestätigungscode|~einmal(?:code|passwort|kennwort)|~schlüssel|~sms-?code|passcode|"
            r"~geheimzahl|~wpa2?|~netzwerkschlüssel|~entsperrcode|~zugangsdaten|~pin|~losungswort",
        ),
        T.IP: (r"ip(?:[ -]?adresse)?|ipv[46]",),
        T.MAC: (r"mac(?:[ -]?adresse)?",),
        T.EMAIL: (r"e-?mail\w*|~mailadresse|mail",),
        T.STREET: (r"~adresse|anschrift|straße|str|~hausnummer|wohn\w*|hausnr|packstation",),
        T.POSTCODE_CITY: (r"plz|~postleitzahl|wohnort|ort|postleit",),
        T.GEO: (r"~koordinaten?|gps|breitengrad|längengrad|~standort|position|plus ?code",),
    },
    exact=("nummer", "nr", "kennzeichen", "-id", " id", "anhänger", "abschnitt", "etikett"),
    secrets=(
        r"passwor[td]|~(?:wlan|wifi|router|netzwerk|konto|kunden)[ -]?(?:passwor[td]|code|schlüssel)|kennwort|pin(?:-?code)?|~(?:karten|sim|handy)-?pin|puk|"
        r"~(?:zugangs|tür|tor|haustür|sicherheits|abhol|bestätigungs|verifizierungs|entsperr|freischalt|aktivierungs|einmal|alarm|sms)-?code",
    ),
    other=(
        r"~artikel\w*|art\.?-?nr|~modell\w*|~typ(?:enschild|nummer|bezeichnung)?|firmware\w*|version|~fehler(?:code)?\w*|"
        r"fehlernummer|ean|gtin|isbn|~preis|~bestand|~gutschein\w*|~rabatt\w*|din (?:en|iso|vde)|iso|norm|~software\w*|build|baujahr|bj|"
        r"~betrag|~summe|wasserzeichen|~kanal|seite|zimmer|raum|~produkt\w*|ersatzteil\w*|teilenummer|hrb|ust-?id\w*|"
        r"~größe|maße|farbe|farbnummer|linie|zug|ice|re|rb|flug|gleis|paragraph|release|update|~frequenz|~hotline|win|"
        r"windows|ios|android|~aktions(?:code|nummer)|wkn|isin|charge|chargen\w*|losn\w+",
    ),
    asks={
        T.PASSWORD: (r"sicherheits(?:frage|antwort)|geheim(?:frage|antwort)|passwort-?(?:hinweis|hilfe|frage)|merkwort",),
        T.PERSON: (
            r"wie hei(?:ß|s)+en sie|wie hei(?:ß|s)+t du|wer (?:sind sie|bist du|spricht)|~namen?\b|mit wem (?:spreche|habe)|"
            r"auf wen|~vorname|~nachname|~familienname|ansprechpartner|buchstabier\w*|wie schreib|~geburtsname|zweitname",
        ),
        T.STREET: (r"wo wohn\w+|~adresse|~anschrift|~straße|~hausnummer|wohin",),
        T.POSTCODE_CITY: (r"wo wohn\w+|~adresse|~anschrift|postleitzahl|plz|wohnort|welche(?:r|n)? (?:ort|stadt)|wohin",),
        T.DATE_OF_BIRTH: (r"wann (?:sind sie|bist du|ist sie|ist er) geboren|~geburts(?:datum|tag|jahr)|geboren",),
        T.EMAIL: (r"~mail|e-?mail\w*",),
        T.PHONE: (
            r"unter welcher (?:ruf|telefon|handy)?nummer|wie (?:können|kann) (?:wir|ich) (?:sie|dich) (?:telefonisch )?erreich\w*|"
            r"zurückruf\w*|~telefon\w*|~handy\w*|~rufnummer|mobilnummer|welche nummer rufen",
        ),
    },
    units=(
        "euro", "eur", "cent", "franken", "chf", "rappen", "uhr", "prozent", "grad", "watt", "kw", "kwh", "volt", "ampere", "bar",
        "liter", "l", "ml", "kg", "kilo", "gramm", "g", "km", "kilometer", "meter", "m", "cm", "mm", "zoll", "zentimeter", "qm",
        "quadratmeter", "stück", "mal", "x", "tage", "tagen", "tag", "wochen", "woche", "monate", "monaten", "monat", "jahre",
        "jahren", "jahr", "stunden", "stunde", "minuten", "minute", "sekunden", "gb", "mb", "tb", "mbit", "mhz", "ghz", "hz", "mah",
        "mah", "db", "umdrehungen", "personen", "leute", "punkte", "seiten", "zeichen", "stellen", "ziffern", "sterne", "pixel",
        "kinder", "mann", "geräte", "stockwerk", "stock", "etage", "paar", "flaschen", "pakete", "h", "std", "min", "sek", "mbits",
    ),
    numerals=Numerals(
        digits={
            "null": "0", "eins": "1", "ein": "1", "eine": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4", "fünf": "5",
            "sechs": "6", "sieben": "7", "siebn": "7", "acht": "8", "neun": "9", "nulle": "0", "fümf": "5", "fünfe": "5",
            "eis": "1", "zwöi": "2", "zwei'": "2", "drü": "3", "drüü": "3", "füf": "5", "sächs": "6", "sibe": "7", "nüün": "9",
            "oans": "1", "zwoa": "2", "fünef": "5",
        },
        numbers=_BELOW_HUNDRED,
        hundred=("hundert",),
        thousand=("tausend",),
        link=("und",),
        times={"doppel": 2, "doppelt": 2, "zweimal": 2, "zwomal": 2, "dreimal": 3, "dreifach": 3, "viermal": 4},
        ordinals={
            form: value for word, value in _ORDINALS.items() for form in (word, word + "r", word + "n")
        },
        months={
            "januar": 1, "jänner": 1, "februar": 2, "feber": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juno": 6, "juli": 7,
            "julei": 7, "august": 8, "september": 9, "oktober": 10, "november": 11, "dezember": 12, "jan": 1, "feb": 2, "apr": 4,
            "aug": 8, "sept": 9, "sep": 9, "okt": 10, "nov": 11, "dez": 12,
        },
    ),
    alphabet={
        "anton": "a", "ärger": "ä", "berta": "b", "bertha": "b", "cäsar": "c", "charlotte": "ch", "dora": "d", "emil": "e",
        "friedrich": "f", "fritz": "f", "gustav": "g", "heinrich": "h", "ida": "i", "julius": "j", "kaufmann": "k", "konrad": "k",
        "ludwig": "l", "martha": "m", "marta": "m", "nordpol": "n", "otto": "o", "ökonom": "ö", "österreich": "ö", "paula": "p",
        "quelle": "q", "richard": "r", "samuel": "s", "siegfried": "s", "schule": "sch", "theodor": "t", "ulrich": "u",
        "übermut": "ü", "übel": "ü", "viktor": "v", "wilhelm": "w", "xanthippe": "x", "xaver": "x", "ypsilon": "y", "zacharias": "z",
        "zürich": "z", "aachen": "a", "augsburg": "a", "berlin": "b", "chemnitz": "c", "cottbus": "c", "düsseldorf": "d",
        "dortmund": "d", "essen": "e", "erfurt": "e", "frankfurt": "f", "goslar": "g", "göttingen": "g", "hamburg": "h",
        "hannover": "h", "ingelheim": "i", "ingolstadt": "i", "jena": "j", "köln": "k", "kassel": "k", "leipzig": "l",
        "münchen": "m", "mainz": "m", "nürnberg": "n", "offenbach": "o", "oldenburg": "o", "potsdam": "p", "passau": "p",
        "quickborn": "q", "rostock": "r", "regensburg": "r", "salzwedel": "s", "stuttgart": "s", "tübingen": "t", "unna": "u",
        "ulm": "u", "völklingen": "v", "wuppertal": "w", "würzburg": "w", "xanten": "x", "zwickau": "z", "anna": "a",
        "daniel": "d", "jakob": "j", "leopold": "l", "maria": "m", "niklaus": "n", "peter": "p", "quasi": "q",
        "rosa": "r", "sophie": "s", "viktoria": "v", "yverdon": "y", "cäsars": "c", "dieter": "d", "tango": "t",
    },
    letters={
        "be": "b", "ce": "c", "ef": "f", "ge": "g", "ha": "h", "jot": "j", "jott": "j", "ka": "k", "em": "m",
        "pe": "p", "ku": "q", "er": "r", "te": "t", "vau": "v", "fau": "v", "we": "w", "ix": "x", "ypsilon": "y", "zett": "z",
        "zet": "z", "eszett": "ß", "scharfes": "ß",
    },
    spelled_as=("wie", "für", "von"),
    symbols={
        "punkt": ".", "at": "@", "ät": "@", "ett": "@", "klammeraffe": "@", "unterstrich": "_", "minus": "-", "strich": "-",
        "bindestrich": "-", "schrägstrich": "/", "slash": "/", "plus": "+", "komma": ",", "leerzeichen": " ", "doppelpunkt": ":",
        "querstrich": "-", "mittelstrich": "-", "et": "@",
    },
    fillers=(
        "äh", "ähm", "öh", "em", "hm", "mh", "dann", "ja", "und", "also", "nochmal", "noch", "moment", "genau", "nein", "ne", "nee",
        "quatsch", "sorry", "entschuldigung", "halt", "stopp", "jetzt", "wieder", "danach", "warten", "warte", "sie", "nochmals",
        "so", "mal", "eine", "die", "falsch", "pardon", "und", "wobei", "korrigiere", "korrektur", "mit", "vorne", "hinten", "zum",
        "schluss", "am", "ende",
    ),
    titles=(
        "herr", "herrn", "frau", "fr", "hr", "hrn", "dr", "doktor", "prof", "professor", "professorin", "dipl-ing", "ing", "mag",
        "fräulein", "familie", "fam", "eheleute", "pfarrer", "notar", "kollege", "kollegin", "kollegen", "onkel", "tante", "oma",
        "opa", "schwester",
    ),
    names_follow=(
        r"(?:mein|unser) (?:voller |richtiger |ganzer )?name (?:ist|lautet|wäre|war)|ich heiß?s?e|ich bin (?:der|die)|"
        r"mein name|name|heiße|hier (?:ist|spricht|schreibt|ist der|ist die)|am apparat ist|i[cs]h? bin d(?:e|a|er|ie)|"
        r"auf den namen|auf (?:den )?name(?:n)?|unter (?:dem )?namen?|nachname|vorname|familienname|geborene|"
        r"lautend auf|ansprechpartner(?:in)?(?: ist)?|name des (?:kunden|inhabers)|empfänger(?:in)?|absender(?:in)?|"
        r"kontoinhaber(?:in)?|karteninhaber(?:in)?|inhaber(?:in)?|z\. ?hd\.?|zu händen(?: von)?|i\. ?a\.|"
        r"versicherungsnehmer(?:in)?|patient(?:in)?|mieter(?:in)?|vertragspartner(?:in)?",
    ),
    farewells=(
        r"(?:mit )?(?:freundliche[mn]?|besten?|viele[nr]?|liebe[nr]?|herzliche[nr]?|schöne[nr]?|sonnige[nr]?|frohe[nr]?)"
        r" gr(?:ü|u)(?:ß|ss?)e?n?|mfg|lg|vg|bg|gr(?:ü|u)(?:ß|ss?)e?|hochachtungsvoll|gru(?:ß|ss?)|beste grüße|danke und gru(?:ß|ss?)|"
        r"servus|gez|bis dann",
    ),
    not_names=(
        "team", "kundenservice", "kundendienst", "zusammen", "allerseits", "leute", "damen", "herren", "herr", "frau", "dame",
        "service", "support", "technik", "techniker", "doktor", "dr", "prof", "familie", "und", "nachbar", "kunde", "kundin",
        "sehr", "geehrte", "guten", "tag", "morgen", "abend", "hallo", "liebe", "lieber", "aus", "von", "vom", "der", "die", "das",
        "ich", "sie", "er", "wir", "ihr", "mein", "meine", "nicht", "kein", "keine", "ist", "hat", "haben", "war", "lautet", "richtig",
        "falsch", "schreibt", "auf", "im", "in", "am", "an", "zu", "zum", "steht", "stimmt", "bitte", "danke", "lehrer", "chef",
        "online", "shop", "mitarbeiter", "mitarbeiterin", "redaktion", "verkauf", "vertrieb", "buchhaltung", "rechnung", "kollegen",
        "name", "vorname", "nachname", "kasse", "bot", "assistent", "ein", "eine", "jemand", "wer", "wie", "so", "noch", "ja", "nein",
        "tod", "wirt", "gott", "arzt", "ärztin", "doktorin", "anwalt", "nachbarin", "professor", "inhaber", "gmbh", "jetzt",
        "ihre", "ihrem", "ihren", "ihrer", "ihres", "ihnen", "eure", "eurem", "euren", "eurer", "firma", "hotline",
    ),
    mailboxes=(
        "info", "service", "support", "kontakt", "kundenservice", "kundendienst", "hilfe", "post", "office", "mail", "shop", "verkauf",
        "vertrieb", "bestellung", "bestellungen", "retoure", "retouren", "rechnung", "buchhaltung", "datenschutz", "presse", "bewerbung",
        "karriere", "reklamation", "reparatur", "technik", "noreply", "no-reply", "newsletter", "team", "anfrage", "termin",
        "reservierung", "rezeption", "praxis", "empfang", "hotline", "werkstatt", "ersatzteile", "garantie", "widerruf", "kundencenter",
        "dsgvo", "beschwerde", "schaden", "leistung", "zentrale", "einkauf", "personal", "versand", "lager", "online", "webmaster",
        "postmaster", "admin", "abuse", "datenschutzbeauftragter", "kuendigung", "kundenbetreuung", "privacy", "vertrag", "vertraege", "mitglieder", "mitgliederservice",
        "abfall", "hausverwaltung", "mieterservice", "filiale", "abo", "tickets", "vermietung", "entsorgung", "stoerung", "zaehlerstand", "ausbildung",
    ),
    examples=(r"z\.? ?b\.?|zum beispiel|beispielsweise|etwa so|bsp\.?|wie etwa",),
    samples=(r"beispiel|muster|format|etwa",),
    ours=(r"hotline|kundenservice|kundendienst|service-?(?:nummer|center|team)|zentrale|(?:erreich\w+|ruf\w*|kontaktier\w+) (?:sie|du|ihr)? ?uns|uns (?:unter|telefonisch)|störungs(?:stelle|dienst)|unsere[rn]? (?:hotline|service\w*)|geben wir ihnen|notruf|notdienst|servicetelefon",),
    premises=(r"~niederlassung|~zweigstelle|~geschäftsstelle|retouren?(?:lager|zentrum|center|abteilung)|rücksendezentrum|zentrallager|warenlager|hauptverwaltung|firmensitz|(?:unser|euer|eur|ihr)(?:e[mnrs]?)? (?:[a-z-]+ )?(?:filiale|laden|ladengeschäft|geschäft|baumarkt|supermarkt|fachmarkt|werkstatt|lager|zentrale|shop|service-?center|kundencenter|servicezentrum|apotheke)",),
    homes=(r"wohn\w*|~wohnung|haus|hause|zuhause|daheim|leb(?:e|t|en)|über|oberhalb|neben|nebenan|gegenüber|hinter|nähe|nicht|kein\w*|statt|sondern|familie|privat\w*|kunden?|kundin|vertrag\w*|bestell\w*|kauf\w*|gekauft|kündig\w*|rechnung\w*|reklam\w*|beschwer\w*|arbeit\w*|mieter\w*|~liefer\w*|zustell\w*|abhol\w*|abgeholt|~paket|~termin|~monteur\w*|techniker\w*|reparatur\w*|~zähler\w*|abo|abonne\w*|~anschluss|konto|mitglied\w*|empfänger\w*|defekt\w*|kaputt|~störung|~umzug|einsatzort|baustelle|~änderung|neue?[mnrs]?|aktualis\w*|~adresse|~anschrift",),
    mine=(r"abends|daheim|zuhause|ich|mich|mir|meine?[mnrs]?|mein|meld\w*|rückruf\w*|~zurückruf\w*|ruft|ruf",),
    lives_in=(r"(?:wohn(?:en?|t|st|haft)|leb(?:en?|t))(?: (?:jetzt|nun|hier|ja|auch|zurzeit|derzeit|aktuell|grad|gerade|mittlerweile|schon|seit kurzem|im moment|eigentlich)){0,2} in|(?:umgezogen|um|gezogen|verzogen|ziehen?|ziehe jetzt) (?:nach|von|aus)",),
    health=(
        r"scharlach|masern|mumps|keuchhusten|ringelröteln|hand-fuß-mund-krankheit|~windpocken|kopfläuse|krücken|gehstützen|behindertenpark(?:ausweis|platz)\w*|schwerbehindertenausweis|"
        r"~diabet\w+|~krebs(?:krank\w*|patient\w*)?|krebs\w*|~tumore?n?s?|~karzinom\w*|metastas\w+|~leukae?mie|lymphom|chemo(?:therapie)?|~bestrahlung|"
        r"~schlaganfa\w+|~herzinfarkt\w*|herzinsuffizienz|herzfehler|herzkrank\w*|herzschrittmacher|schrittmacher|vorhofflimmern|~bluthochdruck|thrombose\w*|"
        r"lungenembolie|asthma|asthmatiker\w*|copd|~lungenentzue?ndung|epilep\w+|parkinson\w*|alzheimer\w*|demenz\w*|dement|multipler? sklerose|~depressi\w+|"
        r"burn-?out|angststoe?rung\w*|panikattacken?|psychose\w*|schizophren\w*|bipolar\w*|borderline|autis\w+|adhs|magersue?cht\w*|magersucht|bulimie|"
        r"alkoholiker\w*|hiv(?:-positiv)?|aids|~hepatitis|tuberkulose|covid|long-?covid|borreliose|~rheuma\w*|arthrose\w*|~arthritis|osteoporose|fibromyalgie|"
        r"~bandscheibenvorfa\w+|neurodermitis|schuppenflechte|psoriasis|morbus [a-z]+|zoe?liakie|laktoseintoleran\w+|~allergie|allergisch|allergiker\w*|"
        r"migrae?ne|tinnitus|~schwerhoe?rig\w*|gehoe?rlos\w*|~sehbehindert\w*|erblindet|~glaukom|makuladegeneration|querschnitt\w*|~gelae?hmt|~amputation\w*|"
        r"amputiert|rollstuhl|rollstuhlfahrer\w*|~gehbehindert\w*|schwerbehindert\w*|schwerbehinderung|pflegegrad [1-5]|pflegestufe [1-3]|~schwanger|fehlgeburt|"
        r"dialyse|niereninsuffizienz|~transplantation|~operiert|inkontinen\w+|stoma|katheter|~entzue?ndung|nierensteine?|gallensteine?|~leistenbruch|"
        r"blinddarm\w*|grippe|magen-darm\w*|windpocken|~infektion|lungenkrank\w*|sauerstoffgerae?t|blutverdue?nner|insulin|"
        r"(?:arm|bein|fuss|hand|knie|hue?fte|handgelenk|schulter|rippen?|wirbel|schlue?sselbein|oberschenkel\w*|knoe?chel) (?:ist |war )?gebrochen|muslima?|"
        r"muslimin|muslime|moslem\w*|katholisch|katholikin|zeugen? jehovas|jue?disch|jue?din|buddhist\w*|~evangelisch|schwul|lesbisch|homosexuell|bisexuell|"
        r"transgender|transfrau|transmann|nicht-?binae?r|gewerkschaftsmitglied|in der gewerkschaft|(?:bei|in) der ig ?metall|bei ver\.?di|"
        r"mitglied (?:in|bei) der (?:spd|cdu|csu|afd|fdp|gewerkschaft|linken?)",
    ),
    people=(
        r"ich|mir|mich|mein\w*|wir|uns|unser\w*|er|sie|ihm|ihr|ihre?[mnrs]?|sein\w*|mann|frau|mutter|vater|mama|papa|oma|opa|sohn\w*|tochter|kind|bruder|"
        r"schwester|enkel\w*|schwieger\w+|patient\w*|kund(?:e|in)|diagnose|leid(?:et|e)|erkrankt|attest|grund|wegen|aufgrund|nach",
    ),
)
