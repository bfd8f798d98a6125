"""Romanian, in reduced form: clues, questions, numbers."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

LANGUAGE = Language(
    code="ro",
    stop=frozenset(
        ["și", "nu", "de", "la", "cu", "un", "o", "este", "am", "în", "pe", "că", "mă", "ce", "să", "sunt", "la", "din", "pentru", "dar", "mai", "foarte", "bună", "ziua", "mulțumesc", "vă", "rog", "meu", "mea", "aveți", "ați", "cum", "unde", "când", "salut", "da", "încă", "fost", "care"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numar(?:ul)?|nr|cod(?:ul)?) (?:de )?(?:client|comanda|comenzii|contract|factura|dosar|awb|rezervare|polita)|etichet\w+ (?:de )?bagaj\w*|nlc|pod|tichet\w*|sesizar\w+|comand\w+|factur\w+|contract\w*|dosar\w*|awb|rezervar\w+|client|polit\w+",
        ),
        T.DEVICE_ID: (r"(?:num[ae]r(?:ul)?|nr\.?) (?:de )?serie|seri[ae]|imei|iccid|sasiu|contor\w*",),
        T.NATIONAL_ID: (r"cnp|buletin\w*|carte de identitate|pasaport\w*|permis\w*|ci seria",),
        T.PHONE: (r"telefon\w*|tel|mobil\w*|suna\w*|numar de telefon|whatsapp|contact\w*",),
        T.IBAN: (r"iban|cont(?:ul)?(?: bancar)?|bic",),
        T.CARD: (r"card\w*|visa|mastercard|cvv|expira\w*|ultimele patru",),
        T.PLATE: (r"inmatriculare|numar de inmatriculare|placuta",),
        T.DATE_OF_BIRTH: (r"nascut\w*|nasterii|data nasterii",),
        T.USERNAME: (r"utilizator\w*|nume de utilizator|cont de utilizator|login",),
        T.PASSWORD: (r"parola\w*|pin\w*|cod(?:ul)?|puk",),
        T.EMAIL: (r"e-?mail\w*|mail\w*|adresa de mail",),
        T.STREET: (r"adres\w+|strad\w+|str|locuiesc|domicili\w+",),
        T.POSTCODE_CITY: (r"cod postal|oras\w*|localitate\w*|locuiesc in",),
        T.GEO: (r"coordonate\w*|gps|locati\w+",),
    },
    exact=("de serie", "nr serie", "bagaj", "bagajului", "nlc", "pod", "awb"),
    secrets=(
        r"parola(?: (?:de la |la )?wi-?fi)?|pin(?:ul)?|puk|cod(?:ul)? (?:pin|puk|sms|din sms|primit|deschidere|interfon|de (?:verificare|acces|securitate|deblocare|deschidere|confirmare|ridicare)|de la (?:interfon|poarta|usa))",
    ),
    other=(r"model\w*|articol\w*|versiun\w+|eroare\w*|pret\w*|voucher\w*|ean|marime|pagin\w+|cui|cartus\w*|toner\w*|firmware|actualizare|suma de|reducere\w*|(?:numarul? (?:de )?|nr\.? )lot\w*|numarul? (?:zborului|trenului)|piese? de schimb|culoare|canal\w*|cod(?:ul)? produs\w*",),
    asks={
        T.PASSWORD: (r"intrebare\w* (?:de securitate|secreta)",),
        T.PERSON: (r"numele|prenumele|cum va numiti|nume|cine|pe numele cui|litera cu litera",),
        T.STREET: (r"adres\w+|unde locuiti|strad\w+",),
        T.POSTCODE_CITY: (r"cod(?:ul)? postal|oras\w*|localitate\w*|unde locuiti|adres\w+",),
        T.DATE_OF_BIRTH: (r"data nasterii|cand v-ati nascut|nasterii",),
        T.PHONE: (r"telefon\w*|la ce numar|sunam|suna\w*|contacta\w*",),
    },
    units=("lei", "ron", "euro", "ore", "zile", "saptamani", "luni", "ani", "minute", "grade", "kilograme", "metri", "litri", "bucati", "bani", "ori"),
    numerals=Numerals(
        digits={"zero": "0", "unu": "1", "una": "1", "doi": "2", "două": "2", "trei": "3", "patru": "4", "cinci": "5", "șase": "6", "șapte": "7", "opt": "8", "nouă": "9"},
        numbers={
            "zece": 10, "unsprezece": 11, "doisprezece": 12, "treisprezece": 13, "paisprezece": 14, "cincisprezece": 15, "șaisprezece": 16, "șaptesprezece": 17, "optsprezece": 18,
            "nouăsprezece": 19, "douăzeci": 20, "treizeci": 30, "patruzeci": 40, "cincizeci": 50, "șaizeci": 60, "șaptezeci": 70, "optzeci": 80, "nouăzeci": 90,
        },
        hundred=("sută", "sute"),
        thousand=("mie", "mii"),
        link=("și",),
        months={"ianuarie": 1, "februarie": 2, "martie": 3, "aprilie": 4, "mai": 5, "iunie": 6, "iulie": 7, "august": 8, "septembrie": 9, "octombrie": 10, "noiembrie": 11, "decembrie": 12},
    ),
    spelled_as=("de", "de la", "ca"),
    symbols={"punct": ".", "arond": "@", "cratimă": "-", "liniuță": "-", "plus": "+", "virgulă": ","},
    fillers=("ăă", "deci", "și", "apoi", "da"),
    titles=("domnul", "doamna", "dl", "dna", "domnule", "doamnă", "dr"),
    names_follow=(r"ma numesc|numele meu este|ma cheama|pe numele|nume ?:",),
    farewells=(r"cu (?:stima|respect)|multumesc|o zi buna|toate cele bune",),
    not_names=("bună", "ziua", "serviciul", "clienți", "domnul", "doamna", "nu", "de", "la", "vă", "rog"),
    mailboxes=("info", "contact", "comenzi", "suport", "relatii", "relatiiclienti", "vanzari", "retur", "contabilitate", "facturi", "facturare", "rezervari", "secretariat", "birou", "oferte", "magazin", "service", "daune", "reclamatii", "abonamente", "piese"),
    examples=(r"de exemplu|ex\.",),
    samples=("exemplu",),
    ours=(r"relatii clienti|sunati-ne|call center|numarul nostru",),
    premises=(r"sediul (?:central|social)|centrul? de (?:retur|service|reparatii)|departamentul? retur\w*|(?:magazinul|sediul|depozitul|service-ul|farmacia|agentia) (?:nostru|noastra|vostru|voastra|dumneavoastra|dvs)",),
    homes=(r"locui\w*|stau|apartament\w*|cas[ae]|acasa|deasupra|dedesubt|langa|vizavi|peste drum|in spate\w*|aproape|nu|in loc|client\w*|contract\w*|comand\w*|cumpar\w*|factur\w*|reclam\w*|anul\w*|lucr\w*|chirias\w*|famili\w*|livr\w*|ridic\w*|colet\w*|programar\w*|vizit\w*|vin[ea]?|contor\w*|abonament\w*|cont|contul|membr\w*|destinatar\w*|avari\w*|defect\w*|mut(?:are|at|am)|daun\w*|adres[ae]|nou[ai]?|schimb\w*|ramburs\w*",),
    mine=(r"eu|ma|mi|meu|mea|sunati-ma|rog sa",),
    lives_in=(r"(?:locui(?:esc|m)|stau|mutat)(?: (?:acum|aici))? (?:in|la)",),
    health=(
        r"diabet\w*|cancer\w*|tumor\w*|tumoare|leucemi\w+|chimioterapi\w*|radioterapi\w*|avc\w*|accident vascular|infarct\w*|insuficien\w+ (?:cardiaca|renala)|"
        r"stimulator cardiac|pacemaker|hipertensi\w+|tensiune (?:arteriala )?mare|tromboz\w+|embolie|astm\w*|bpoc|pneumoni\w+|epileps\w+|epileptic\w*|parkinson|"
        r"alzheimer|dement\w+|scleroz\w+ multipl\w+|depresi\w+|anxietat\w+|atacuri de panica|schizofreni\w+|bipolar\w*|autis\w+|adhd|anorexi\w+|alcoolic\w*|hiv|"
        r"sida|seropozitiv\w*|hepatit\w+(?: [abc])?|tuberculoz\w+|covid|artrit\w+|artroz\w+|poliartrit\w+|osteoporoz\w+|fibromialgi\w+|herni\w+(?: de disc)?|"
        r"sciatica|eczem\w+|psoriazis|crohn|celiac\w*|celiachi\w+|intoleranta? la lactoza|alergi\w+|migren\w+|surd[a]?|surzi|nevazato\w+|orb|oarba|glaucom|"
        r"cataracta|paraliza\w+|paralizi\w+|amputat\w*|scaun (?:cu rotile|rulant)|handicap\w*|dizabilit\w+|insarcinata|gravida|avort\w*|dializ\w+|transplant\w*|"
        r"operat[a]?|colostom\w+|insulin\w+|depakine|gripa|varicela|bolnav[a]? de \w+|musulman\w*|catolic\w*|ortodox\w*|penticostal\w*|adventist\w*|"
        r"martor\w* al? lui iehova|evre\w+|budist\w*|ateu|gay|homosexual\w*|lesbiana|bisexual\w*|transgender|membr\w+ (?:de|al|in) sindicat\w*|sindicalist\w*",
    ),
    people=(
        r"eu|ma|mine|mea|meu|mei|mele|noi|nostr\w+|el|ea|lui|ei|am|are|avem|sunt|este|sufer\w*|sot\w*|mama|mamei|tata|tatal|bunic\w*|fiu\w*|fiica|copil\w*|"
        r"frate\w*|sora|socr\w+|pacient\w*|diagnostic\w*|din cauza|dupa|face|facut|ia",
    ),
)
