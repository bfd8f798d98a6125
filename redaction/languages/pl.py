"""Polish, in reduced form: clues, questions, numbers with their cases."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NR = r"(?: ?(?:nr|numer\w*)\.?)?"

LANGUAGE = Language(
    code="pl",
    stop=frozenset(
        ["nie", "i", "w", "na", "z", "do", "się", "to", "jest", "że", "o", "co", "jak", "mam", "czy", "mi", "po", "ale", "od", "za", "tak", "dla", "już", "proszę", "dzień", "dobry", "dziękuję", "moje", "mój", "moja", "ja", "państwo", "pan", "pani", "który", "przez", "tylko", "bo", "jeszcze", "było", "może", "więc"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numer|nr) (?:klienta|zamowienia|umowy|faktury|zgloszenia|reklamacji|przesylki|paczki|polisy|rezerwacji|sprawy)|"
            r"etykiet\w+ bagazow\w+|ppe|zamowieni\w+|umow\w+|faktur\w+|zgloszeni\w+|reklamacj\w+|przesylk\w+|paczk\w+|polis\w+|rezerwacj\w+|klient\w*|sprawa|zlecenie",
        ),
        T.DEVICE_ID: (r"(?:numer )?seryjn\w+|imei|iccid|sn|licznik\w*|ramy|vin",),
        T.NATIONAL_ID: (rf"pesel|dow(?:od|odu)(?: osobist\w+)?{_NR}|paszport\w*{_NR}|prawo jazdy{_NR}|legitymacj\w+|nip osob\w*",),
        T.PHONE: (r"telefon\w*|tel|kom|komork\w+|dzwonic|zadzwonic|oddzwonic|kontakt\w*|numer telefonu|pod numer\w*",),
        T.IBAN: (r"iban|kont\w|rachun\w+|numer konta|bic",),
        T.CARD: (r"kart\w+|visa|mastercard|cvv|cvc|waznosci|wazna do|ostatnie cztery",),
        T.PLATE: (r"rejestracj\w+|rejestracyjn\w+|tablic\w+|nr rej",),
        T.DATE_OF_BIRTH: (r"urodz\w+|ur|data urodzenia|rocznik",),
        T.USERNAME: (r"login|uzytkownik\w*|nazwa uzytkownika|konto uzytkownika|nick",),
        T.PASSWORD: (r"haslo|hasla|pin|kod\w*|puk|kod (?:sms|do drzwi)",),
        T.EMAIL: (r"e-?mail\w*|mail\w*|adres mailowy",),
        T.STREET: (r"adres\w*|ulic\w+|ul|mieszkam|zamieszkal\w+",),
        T.POSTCODE_CITY: (r"kod pocztowy|miast\w+|miejscowosc|mieszkam w",),
        T.GEO: (r"wspolrzedn\w+|gps|lokalizacj\w+",),
    },
    exact=("numer", "seryjny", "bagażowa", "ppe"),
    secrets=(
        r"haslo(?: do (?:sieci )?wi-?fi)?|pin|puk|kod (?:pin|puk|sms|z sms-?a|weryfikacyjny|dostepu|odbioru|zabezpieczajacy|potwierdzajacy|do (?:domofonu|drzwi|bramy|furtki|klatki|skrytki|alarmu))",
    ),
    other=(r"model\w*|artykul\w*|wersj\w+|aktualizacj\w+|oprogramowani\w+|sterownik\w*|blad|bled\w+|kod bledu|cen\w|kod rabatowy|ean|rozmiar|stron\w|nip|regon|krs|infolini\w+|tusz\w*|toner\w*|kwot\w+|rabat\w*|nr partii|numer partii|pociag\w*|peron\w*|czesc\w* zamienn\w*|kolor\w*|kanal\w*|kod (?:produktu|koloru|promocyjny)|nr czesci|lot(?:u|em)? nr",),
    asks={
        T.PASSWORD: (r"pytani[ea] (?:pomocnicze|bezpieczenstwa|kontrolne|zabezpieczajace)",),
        T.PERSON: (r"imie|nazwisk\w+|jak (?:sie )?(?:pan|pani|ma na imie)|z kim|kto|przeliter\w+|na jakie nazwisko|na kogo",),
        T.STREET: (r"adres\w*|gdzie (?:pan|pani)? ?mieszka\w*|ulic\w+|numer domu",),
        T.POSTCODE_CITY: (r"kod pocztowy|miast\w+|miejscowosc|gdzie (?:pan|pani)? ?mieszka\w*|skad|adres\w*",),
        T.DATE_OF_BIRTH: (r"data urodzenia|date urodzenia|kiedy .{0,12}urodz\w+|urodzenia",),
        T.PHONE: (r"telefon\w*|pod (?:jaki|ktory)m? numer\w*|oddzwonic|numer kontaktowy",),
    },
    units=("zlotych", "zloty", "zlote", "zl", "euro", "godzin", "godziny", "dni", "dzien", "tygodni", "miesiecy", "miesiace", "lat", "lata", "minut", "stopni", "kilo", "metrow", "litrow", "razy", "groszy", "procent", "cyfr", "sztuk"),
    numerals=Numerals(
        digits={"zero": "0", "jeden": "1", "jedna": "1", "dwa": "2", "dwie": "2", "trzy": "3", "cztery": "4", "pięć": "5", "sześć": "6", "siedem": "7", "osiem": "8", "dziewięć": "9"},
        numbers={
            "dziesięć": 10, "jedenaście": 11, "dwanaście": 12, "trzynaście": 13, "czternaście": 14, "piętnaście": 15, "szesnaście": 16, "siedemnaście": 17, "osiemnaście": 18,
            "dziewiętnaście": 19, "dwadzieścia": 20, "trzydzieści": 30, "czterdzieści": 40, "pięćdziesiąt": 50, "sześćdziesiąt": 60, "siedemdziesiąt": 70, "osiemdziesiąt": 80,
            "dziewięćdziesiąt": 90, "sto": 100, "dwieście": 200, "trzysta": 300, "czterysta": 400, "pięćset": 500, "sześćset": 600, "siedemset": 700, "osiemset": 800, "dziewięćset": 900,
        },
        thousand=("tysiąc", "tysiące", "tysięcy"),
        times={"podwójne": 2, "potrójne": 3},
        ordinals={"pierwszy": 1, "drugi": 2, "trzeci": 3, "czwarty": 4, "piąty": 5, "szósty": 6, "siódmy": 7, "ósmy": 8, "dziewiąty": 9, "dziesiąty": 10, "pierwszego": 1, "drugiego": 2, "trzeciego": 3},
        months={"stycznia": 1, "lutego": 2, "marca": 3, "kwietnia": 4, "maja": 5, "czerwca": 6, "lipca": 7, "sierpnia": 8, "września": 9, "października": 10, "listopada": 11, "grudnia": 12},
    ),
    letters={"be": "b", "ce": "c", "de": "d", "ef": "f", "gie": "g", "ha": "h", "jot": "j", "ka": "k", "el": "l", "em": "m", "en": "n", "pe": "p", "ku": "q", "er": "r", "es": "s", "te": "t", "wu": "w", "igrek": "y", "zet": "z"},
    spelled_as=("jak",),
    symbols={"kropka": ".", "małpa": "@", "małpka": "@", "myślnik": "-", "kreska": "-", "podkreślnik": "_", "plus": "+", "przecinek": ","},
    fillers=("no", "potem", "yyy", "eee", "i", "dalej", "tak"),
    titles=("pan", "pani", "pana", "panu", "panią", "panem", "dr", "doktor", "doktora", "doktorem", "mgr", "inż", "prof", "profesor", "państwo"),
    names_follow=(r"nazywam sie|mam na imie|na nazwisko|imie i nazwisko ?:?|z tej strony|na imie",),
    farewells=(r"(?:z )?(?:powazaniem|wyrazami szacunku)|pozdrawiam|pozdrowienia|dziekuje",),
    not_names=("dzień", "dobry", "biuro", "obsługi", "klienta", "pan", "pani", "państwo", "serwis", "nie", "do", "na", "się", "to", "szanowni"),
    mailboxes=("info", "biuro", "kontakt", "sklep", "serwis", "pomoc", "reklamacje", "zamowienia", "obsluga", "bok", "faktury", "sekretariat", "ksiegowosc", "rezerwacje", "zwroty", "rekrutacja", "szkody", "salon", "oddzial", "recepcja", "czynsze", "abonament", "czesci", "klient", "klienci"),
    examples=(r"na przyklad|np\.?",),
    samples=("przyklad",),
    ours=(r"infolini\w+|biuro obslugi|nasz numer|zadzwon do nas|obsluga klienta",),
    premises=(r"siedzib\w+|(?:dzial|magazyn|centrum) zwrotow|biur\w+ obslugi klienta|(?:nasz|wasz)\w* (?:[a-z'-]+ )?(?:sklep\w*|oddzial\w*|magazyn\w*|serwis\w*|aptek\w+|biur\w+)",),
    homes=(r"mieszka\w*|dom|domu|nad|pod|obok|naprzeciw\w*|za|kolo|blisko|nie|zamiast|lecz|umow\w*|zamow\w*|zamawia\w*|kupi\w*|zakup\w*|faktur\w*|reklam\w*|wypowied\w*|prac\w*|najemc\w*|rodzin\w*|dostaw\w*|dostarcz\w*|odbior\w*|odbierz\w*|odebra\w*|paczk\w*|wizyt\w*|licznik\w*|abonament\w*|kont[oa]|odbiorc\w*|klient(?:em|ka|ki)|awari\w*|uster\w*|przeprowadz\w*|adres|now[aey]\w*|zmian\w*|zmien\w*|zwrot",),
    mine=(r"ja|mnie|mi|moj\w*|oddzwo\w*|prosze (?:dzwonic|zadzwonic)",),
    lives_in=(r"(?:mieszka(?:m|my|la|l)?|przeprowadzi\w+ sie)(?: (?:teraz|obecnie|tu))? (?:w|we|do)|wyprowadzi\w+ sie z",),
    health=(
        r"szkarlatyn\w+|krztus\w+|szczekoscisk|o kulach|kule ortopedyczne|"
        r"cukrzyc\w+|rak(?:a|iem|u)?|nowotw\w+|guz(?:a|em)?|bialaczk\w+|chlonniak\w*|chemi[iea](?:oterapi\w+)?|chemioterapi\w+|radioterapi\w+|udar\w*|wylew\w*|"
        r"zawal\w*|niewydolnosc\w*|rozrusznik\w*|nadcisnieni\w+|zakrzepic\w+|zator\w*|astm\w+|pochp|zapaleni\w+ pluc|padaczk\w+|epileps\w+|parkinson\w*|"
        r"alzheimer\w*|demencj\w+|stwardnieni\w+ rozsian\w+|depresj\w+|nerwic\w+|atak\w* paniki|schizofreni\w+|dwubiegunow\w+|autyz\w+|autystyczn\w+|adhd|"
        r"anoreksj\w+|bulimi\w+|alkoholik\w*|hiv|aids|zoltaczk\w+|gruzlic\w+|covid\w*|borelioz\w+|reumatyzm\w*|rzs|zwyrodnieni\w+|osteoporoz\w+|fibromialgi\w+|"
        r"dyskopati\w+|przepuklin\w+|luszczyc\w+|crohna|celiaki\w+|nietoleranc\w+ laktozy|alergi\w+|alergik\w*|uczulon\w+|migren\w+|niedoslysz\w+|glucho?t?\w*|"
        r"niedowidz\w+|niewidom\w+|slabowidz\w+|jaskr\w+|zacm\w+|sparalizowan\w+|amputacj\w+|wozk\w+ inwalidzk\w+|na wozku|niepelnosprawn\w+|inwalid\w+|"
        r"(?:w )?ciazy?|ciezarn\w+|poronil\w+|dializ\w+|przeszczep\w*|operacj\w+|po operacji|stomi\w+|cewnik\w*|insulin\w+|hashimoto|endometrioz\w+|gryp\w+|"
        r"osp\w+ wietrzn\w+|zlaman\w+|euthyrox\w*|chor(?:y|a|uje|ob\w+)|muzulman\w+|katoli(?:k|czk)\w+|swiadk\w+ jehowy|zyd\w+|buddyst\w+|prawoslawn\w+|"
        r"ewangeli[kc]\w+|ateist\w+|gej\w*|lesbijk\w+|homoseksualn\w+|biseksualn\w+|jednoplciow\w+|transplciow\w+|zwiazk\w+ zawodow\w+|solidarnosci",
    ),
    people=(
        r"ja|mnie|mi|moj\w*|mam|ma|jestem|jestesmy|jest|nasz\w*|on|ona|jego|jej|maz|meza|mezem|zon\w+|mam[aey]|matk\w+|tat[ay]|ojc\w+|ojciec|babci\w*|dziadek|"
        r"dziadk\w+|syn\w*|cork\w+|dzieck\w+|brat\w*|siostr\w+|tesc\w*|partner\w*|pacjent\w*|klient\w*|choruj\w+|cierpi\w*|leczy\w*|powod\w+|dosta\w+|po|"
        r"z powodu|od",
    ),
)
