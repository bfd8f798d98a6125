"""Dutch, as written and spoken in the Netherlands and Flanders.

Spelling alphabets: the Dutch table (Anton, Bernard, Cornelis), the Belgian one, and words people improvise.
"""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NR = r"[ -]?(?:nr\b|num(?:mer)?s?|no\b|id\b|code)"
_UNITS = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
_TENS = {"twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70, "tachtig": 80, "negentig": 90}

LANGUAGE = Language(
    code="nl",
    stop=frozenset(
        ["de", "het", "een", "en", "ik", "is", "niet", "van", "mijn", "dat", "die", "te", "op", "met", "voor", "in", "er", "je", "jullie", "maar", "ook", "nog", "wel", "geen", "naar", "heb", "hebben", "heeft", "kan", "bij", "aan", "u", "uw", "uwe", "zijn", "was", "om", "als", "dan", "wat", "waar", "hoe", "ja", "nee", "graag", "hallo", "goedemorgen", "goedemiddag", "bedankt", "dank", "door", "me", "mij", "we", "of", "dit", "deze", "nu", "al", "wil", "moet", "kunnen", "hier", "eh", "uit", "over", "alstublieft"],
    ),
    clues={
        T.CUSTOMER_NO: (
            rf"~(?:klant(?:en)?|klnt|contract|order|bestel|factuur|ticket|dossier|reparatie|polis|zending|pakket|track|boeking|reservering|"
            rf"lidmaatschaps?|leden|relatie|referentie|zaak|schade|retour|betalings|abonnements?|rekening-?houder|debiteur|meld(?:ings)?|"
            rf"pas|kaart|aanvraag|incident){_NR}",
            r"~bagage(?:label|tag)|~(?:bestelling|dossier|factuur|polis|klant|pakket|pakje|zending|ticket|contract|kenmerk|boeking|retour|reservering|melding)|"
            r"order|ref|rma|betalingskenmerk|referentie|track ?(?:and|&|en) ?trace|barcode van",
        ),
        T.DEVICE_ID: (
            rf"~(?:serie|frame|meter|toestel|chassis|simkaart|sim|apparaat|product){_NR}|serienr|imei\d?|iccid|s/?n|sn|simkaart|vin|ean-?code van (?:de|mijn) meter",
        ),
        T.NATIONAL_ID: (
            rf"bsn|~burgerservice{_NR}|~rijksregister{_NR}|~paspoort(?:{_NR})?|~rijbewijs(?:{_NR})?|id-?kaart|identiteits\w*|~documentnummer|insz|"
            r"~sofinummer|v-?nummer|~verzekerden?nummer|rrn|pesel|btw-?id",
        ),
        T.PHONE: (
            rf"~(?:telefoon|tel|mobiele?|gsm|bel|06|terugbel|vaste?)[ -]?{_NR}|tel|telefoon|gsm|mobiel|bellen|bel|bereikbaar|bereiken|"
            r"whats ?app|appen|sms|fax|vaste lijn|opbellen|terugbellen",
        ),
        T.IBAN: (r"~iban|bic|~rekening(?:nummer|nr)?|~bankrekening|~banknummer|incasso|rek(?:nr|\.?nr)?",),
        T.CARD: (
            r"~credit ?card(?:nummer)?|visa|mastercard|amex|~kaartnummer|~bankkaart|cvc|cvv|~vervaldatum|geldig tot|~pasnummer|"
            r"laatste vier(?: cijfers)?|veiligheidscode|kaart",
        ),
        T.PLATE: (r"~kenteken|~nummerplaat|~nummerbord|plaat",),
        T.DATE_OF_BIRTH: (r"~geboren|~geboortedatum|geb|~geboortejaar|~geboorte|geb\.? ?dat|jarig|~verjaardag|bouwjaar mens",),
        T.USERNAME: (r"~gebruiker(?:snaam)?|~inlognaam|login|user(?:name)?|account(?:naam)?|insta\w*|nick(?:name)?|profiel(?:naam)?|gamertag|discord|twitch|~weergavenaam|~schermnaam",),
        T.PASSWORD: (
            r"~wachtwoord|ww|~pincode|pin|puk|~code|~toegangscode|~deurcode|~sleutel|tan|~afhaalcode|~sms-?code|~codewoord|~beveiligingscode|wifi",
        ),
        T.IP: (r"ip(?:[ -]?adres)?|ipv[46]",),
        T.MAC: (r"mac(?:[ -]?adres)?",),
        T.EMAIL: (r"e-?mail\w*|~mailadres|mail",),
        T.STREET: (r"~adres|~straat|~huisnummer|woon|wonen|wonende",),
        T.POSTCODE_CITY: (r"~postcode|~woonplaats|~plaats",),
        T.GEO: (r"~coordinaten|gps|breedtegraad|lengtegraad|locatie|what3words|plus ?code",),
    },
    exact=("kenteken", "label", "tag"),
    secrets=(
        r"wachtwoord|~(?:wifi|router|netwerk)-?(?:wachtwoord|code|sleutel)|pin(?:-?code)?|puk(?:-?code)?|"
        r"~(?:deur|poort|toegangs|verificatie|beveiligings|alarm|bevestigings|ontgrendel|activatie|afhaal|sms)-?code",
    ),
    other=(
        r"~artikel\w*|art\.?-?nr|~model\w*|~type\w*|firmware|versie|~fout(?:code|melding)?|ean|isbn|~prijs|~korting\w*|~bedrag|kvk\w*|btw\w*|"
        r"~kortingscode|~actiecode|maat|spoor|perron|trein|bus|lijn|vlucht|pagina|kamer|norm|software|update|bouwjaar|~kanaal|"
        r"~product(?:code|nummer)|onderdeel\w*|zaal|rij|stoel|ref\. vacature|~vacature\w*|klantenservice|helpdesk",
    ),
    asks={
        T.PASSWORD: (r"~(?:beveiligings|veiligheids|controle)(?:vraag|antwoord)|geheime? (?:vraag|antwoord)|~toegangswoord",),
        T.PERSON: (
            r"hoe heet|~namen?\b|naam|wie (?:bent|ben|is|spreek)|met wie|~voornaam|~achternaam|~voorletters|spellen|ten name|tenaamstelling|spelt u",
        ),
        T.STREET: (r"~adres|~straat|~huisnummer|waar woon\w*|waar (?:moet|mag|mogen|kunnen)",),
        T.POSTCODE_CITY: (r"~postcode|~woonplaats|waar woon\w*|welke (?:stad|plaats|gemeente)|~adres",),
        T.DATE_OF_BIRTH: (r"~geboortedatum|geboren|~geboortejaar|~verjaardag|wanneer bent u jarig",),
        T.EMAIL: (r"e-?mail\w*|~mailadres",),
        T.PHONE: (r"~telefoon\w*|welk nummer|mobiel\w*|~bereiken|~bereikbaar|gsm\w*|terugbel\w*|nummer (?:kunnen|kan|mogen|belt)|~bellen",),
    },
    units=(
        "euro", "eur", "cent", "procent", "graden", "watt", "kw", "kwh", "volt", "ampere", "bar", "liter", "l", "ml", "kg", "kilo", "gram", "g", "km",
        "kilometer", "meter", "m", "cm", "mm", "inch", "uur", "dagen", "dag", "weken", "week", "maanden", "maand", "jaar", "jaren", "minuten", "minuut",
        "seconden", "keer", "x", "gb", "mb", "tb", "mbit", "mbps", "mhz", "ghz", "mah", "personen", "mensen", "punten", "pagina's", "cijfers", "sterren",
        "stuks", "stuk", "kinderen", "bij", "vierkante", "m2", "liter", "dozen", "zakken", "paar", "tekens", "procent", "verdieping",
    ),
    numerals=Numerals(
        digits={
            "nul": "0", "een": "1", "één": "1", "twee": "2", "drie": "3", "vier": "4", "vijf": "5", "zes": "6", "zeven": "7", "acht": "8", "negen": "9",
            "zeuven": "7", "tweeë": "2", "ene": "1", "noel": "0",
        },
        numbers={
            "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "zestien": 16, "zeventien": 17, "achttien": 18,
            "negentien": 19, **_TENS,
            **{
                f"{unit}{joiner}{ten}": value + place
                for place, unit in enumerate(_UNITS, 1)
                for ten, value in _TENS.items()
                for joiner in ("en", "ën")
            },
        },
        hundred=("honderd",),
        thousand=("duizend",),
        link=("en",),
        times={"dubbel": 2, "dubbele": 2, "driemaal": 3, "drievoudig": 3, "tweemaal": 2},
        ordinals={
            "eerste": 1, "tweede": 2, "derde": 3, "vierde": 4, "vijfde": 5, "zesde": 6, "zevende": 7, "achtste": 8, "negende": 9, "tiende": 10,
            "elfde": 11, "twaalfde": 12, "dertiende": 13, "veertiende": 14, "vijftiende": 15, "zestiende": 16, "zeventiende": 17, "achttiende": 18,
            "negentiende": 19, "twintigste": 20, "dertigste": 30, **{f"{unit}entwintigste": 20 + n for n, unit in enumerate(_UNITS, 1)},
            "eenendertigste": 31,
        },
        months={
            "januari": 1, "februari": 2, "maart": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7, "augustus": 8, "september": 9, "oktober": 10,
            "november": 11, "december": 12, "jan": 1, "feb": 2, "mrt": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "okt": 10,
            "nov": 11, "dec": 12,
        },
    ),
    alphabet={
        "anton": "a", "anna": "a", "bernard": "b", "bernhard": "b", "cornelis": "c", "dirk": "d", "eduard": "e", "ferdinand": "f", "gerard": "g",
        "hendrik": "h", "izaak": "i", "isaac": "i", "johan": "j", "jan": "j", "karel": "k", "lodewijk": "l", "marie": "m", "maria": "m",
        "nico": "n", "otto": "o", "pieter": "p", "piet": "p", "quotient": "q", "quirinius": "q", "rudolf": "r", "richard": "r", "simon": "s",
        "sam": "s", "tinus": "t", "theodoor": "t", "utrecht": "u", "victor": "v", "willem": "w", "xantippe": "x", "ypsilon": "y", "zaandam": "z",
        "zacharias": "z", "bravo": "b", "delta": "d", "echo": "e", "kilo": "k", "lima": "l", "papa": "p", "romeo": "r", "tango": "t",
        "arthur": "a", "brussel": "b", "carolina": "c", "desire": "d", "emiel": "e", "frederik": "f", "gustaaf": "g", "jozef": "j", "leopold": "l",
        "napoleon": "n", "oscar": "o", "robert": "r", "sofie": "s", "waterloo": "w", "zola": "z",
    },
    letters={
        "bee": "b", "cee": "c", "dee": "d", "ef": "f", "gee": "g", "haa": "h", "jee": "j", "kaa": "k", "el": "l", "em": "m", "en": "n", "pee": "p",
        "ku": "q", "er": "r", "es": "s", "tee": "t", "vee": "v", "wee": "w", "ix": "x", "ij": "y", "zet": "z", "griekse": "y",
    },
    spelled_as=("van", "als", "voor"),
    symbols={
        "punt": ".", "at": "@", "apenstaartje": "@", "apenstaart": "@", "apestaartje": "@", "underscore": "_", "liggend": "_", "streepje": "-", "streep": "-",
        "koppelteken": "-", "min": "-", "schuine": "/", "slash": "/", "plus": "+", "komma": ",", "spatie": " ",
        "laag": "_", "et": "@", "dot": ".", "dubbelepunt": ":",
    },
    fillers=(
        "eh", "ehm", "uh", "uhm", "euh", "en", "dan", "ja", "nee", "sorry", "wacht", "nog", "nou", "even", "dus", "nogmaals", "of", "pardon", "correctie", "hm",
        "het", "is", "de", "met", "daarna", "opnieuw", "sorry", "moment", "zo", "hoor",
    ),
    titles=(
        "meneer", "mevrouw", "mevr", "mw", "dhr", "de heer", "heer", "mr", "dr", "dokter", "drs", "ir", "ing", "prof", "professor", "familie", "fam", "juffrouw",
        "oma", "opa", "tante", "oom", "collega", "zuster",
    ),
    names_follow=(
        r"(?:mijn|de) (?:volledige )?naam (?:is|luidt)|mijn naam|naam|ik heet|u spreekt met|je spreekt met|op naam van|ten name van|t\.?n\.?v\.?|"
        r"achternaam(?: is)?|voornaam(?: is)?|met mevrouw|met meneer|hier is|ik ben de|aan de lijn|meisjesnaam|t\.?a\.?v\.?|"
        r"rekeninghouder|kaarthouder|klant|patient|contactpersoon",
    ),
    farewells=(
        r"(?:met )?(?:vriendelijke|hartelijke|warme|beste|lieve) gro?et(?:en|jes)?|mvg|m\.v\.g\.?|gr|gro?et(?:en|jes)?|hoogachtend|met (?:de meeste )?(?:hoog)?achting|liefs|alvast bedankt|"
        r"bedankt|bvd|dank u wel|dank je wel|vr\.? ?gr",
    ),
    not_names=(
        "team", "klantenservice", "meneer", "mevrouw", "heer", "dame", "dames", "heren", "allemaal", "klant", "collega", "collega's", "en", "de", "het", "een",
        "niet", "van", "met", "op", "in", "is", "was", "heeft", "heb", "ik", "u", "uw", "je", "jullie", "wij", "we", "mijn", "dat", "die", "dit", "er", "geen", "ook",
        "nog", "dan", "als", "of", "om", "te", "voor", "naar", "aan", "bij", "goed", "goedemorgen", "goedemiddag", "goedenavond", "hallo", "dag", "beste",
        "geachte", "service", "afdeling", "verkoop", "administratie", "zei", "zegt", "belde", "kan", "wil", "dokter", "buren", "buurvrouw", "buurman",
        "bestuur", "directie", "jou", "jij", "alvast", "bedankt", "groet", "groeten", "bot", "assistent", "wie", "wat",
    ),
    mailboxes=(
        "info", "service", "klantenservice", "support", "contact", "hulp", "verkoop", "administratie", "facturen", "factuur", "retour", "retouren", "receptie",
        "bestellingen", "privacy", "noreply", "vragen", "helpdesk", "kantoor", "post", "mail", "shop", "webshop", "planning", "reserveren", "reserveringen",
        "boekhouding", "pers", "vacatures", "klacht", "klachten", "schade", "garantie", "reparatie", "team", "afspraak", "avg", "werkplaats", "contract", "contracten", "leden", "ledenservice", "balie",
        "winkel", "filiaal", "verhuur", "onderdelen", "abonnementen", "storing", "offerte", "offertes", "bezorging", "magazijn", "huurders",
    ),
    examples=(r"bijvoorbeeld|bijv\.?",),
    samples=("voorbeeld|zoals",),
    ours=(r"klantenservice|hotline|helpdesk|servicenummer|(?:bel|bereik\w*|contacteer) ons|ons (?:op|bereiken|bellen)|(?:ons|onze) (?:algemene |vaste )?(?:telefoon)?nummer (?:is|van)|storingsdienst|storingsnummer|receptie",),
    premises=(r"vestiging|hoofdvestiging|filiaal|retour(?:centrum|magazijn|afdeling|balie)|distributiecentrum|servicepunt|hoofdkantoor|(?:onze?|jullie|uw) (?:[a-z'-]+ )?(?:winkel|magazijn|showroom|depot|balie|apotheek|kantoor|werkplaats)",),
    homes=(r"woon\w*|wonen|woning|huis|thuis|appartement|boven|onder|naast|tegenover|achter|vlakbij|nabij|niet|geen|in plaats|maar|klant|contract|bestel\w*|gekocht|aankoop|factuur|klacht\w*|opzeg\w*|werk\w*|huurders?|familie|gezin|prive|~lever\w*|bezorg\w*|ophalen|opgehaald|afhal\w*|pakket\w*|afspraak|monteur|bezoek|meter\w*|abonnement|rekening|lid|ontvanger|storing|defect|kapot|lekkage|verhuiz\w*|~adres|nieuwe?|~wijziging|wijzig\w*|terugbetaling",),
    mine=(r"ik|mij|me|mijn|m'n|terugbel\w*|teruggebeld",),
    lives_in=(r"(?:woon|wonen|woont|woonachtig|woonde)(?: (?:nu|sinds kort|al|hier|nog|zelf)){0,2} (?:in|te)|(?:verhuisd|verhuizen|verhuis)(?: (?:nu|net|pas))? (?:naar|van|uit)",),
    health=(
        r"krentenbaard|roodvonk|mazelen|de bof|kinkhoest|hoofdluis|krukken|gehandicaptenparkeerkaart|invalidenparkeerplaats|"
        r"~diabet\w+|suikerziekte|~kanker|~tumor\w*|leukemie|chemo(?:therapie|kuur)?|bestraling\w*|~beroerte|~herseninfarct|hersenbloeding|cva|tia|~hartinfarct|"
        r"hartaanval|hartfalen|hartpatient|pacemaker|boezemfibrilleren|hoge bloeddruk|trombose|longembolie|astma\w*|copd|longontsteking|epilep\w+|parkinson|"
        r"alzheimer|dementi\w*|dement|multiple sclerose|~depressi\w+|burn-?out|angststoornis|paniekaanval\w*|psychose\w*|schizofreni\w*|bipolair|borderline|"
        r"autis\w+|adhd|ptss|anorexia|boulimia|alcoholist\w*|hiv|hepatitis|tuberculose|corona|covid|lyme|~reuma|reumatisch|artrose|artritis|jicht|osteoporose|"
        r"fibromyalgie|hernia|eczeem|psoriasis|crohn|coeliakie|lactose-?intolerant\w*|~allergie|allergisch|migraine|tinnitus|slechthorend\w*|doof|slechtziend\w*|"
        r"~glaucoom|staar|maculadegeneratie|dwarslaesie|verlamd|~amputatie|geamputeerd|rolstoel|gehandicapt|invalide|slecht ter been|zwanger|miskraam|~dialyse|"
        r"nierfalen|~transplantatie|geopereerd(?: aan (?:mijn|m'n|mn|zijn|z'n|haar) [a-z]+)?|incontinent\w*|stoma|katheter|insuline\w*|bloedverdunners|griep|waterpokken|"
        r"(?:arm|been|voet|hand|heup|pols|schouder|enkel|knie|rib) gebroken|gebroken (?:arm|been|voet|hand|heup|pols|schouder|enkel|rib)|moslim\w*|katholiek|"
        r"gereformeerd|hervormd|joods|jehova'?s? getuigen?|boeddhist\w*|hindoe\w*|homo|homoseksueel|lesbisch|biseksueel|transgender|non-?binair|vakbondslid|"
        r"lid van (?:de )?(?:vakbond|fnv|cnv|abvv|acv|vvd|pvda|d66|cda|groenlinks|pvv|sp)",
    ),
    people=(
        r"ik|'k|mij|me|mijn|m'n|mn|wij|we|ons|onze|hij|zij|ze|hem|haar|zijn|man|vrouw|moeder|vader|mama|papa|oma|opa|zoon\w*|dochter|kind|broer|zus|schoon\w+|"
        r"patient|client|heeft|lijdt|diagnose|wegens|vanwege|ivm|door|na",
    ),
)
