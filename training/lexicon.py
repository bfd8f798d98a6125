"""Closed classes of words per language: numbers as they are spoken, months, words of spelling, titles.

They become bits of the gazetteer, and the augmentation draws from them.
"""

from __future__ import annotations

DIGITS: dict[str, str] = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "nl": "nul een twee drie vier vijf zes zeven acht negen",
    "en": "zero one two three four five six seven eight nine",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "ro": "zero unu doi trei patru cinci șase șapte opt nouă",
}
DIGIT_VARIANTS: dict[str, str] = {
    "de": "ein zwo fuenf fünnef einz nullen",
    "nl": "één zeuven nullen ene",
    "en": "oh o nought naught nil niner",
    "fr": "une",
    "it": "un una",
    "pl": "jedna dwie",
    "tr": "",
    "es": "un una",
    "pt": "uma duas meia",
    "ro": "una două",
}
TEENS: dict[str, str] = {
    "de": "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "nl": "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien",
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "fr": "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    "it": "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove",
    "pl": "dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście "
    "dziewiętnaście",
    "tr": "on",
    "es": "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve",
    "pt": "dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove",
    "ro": "zece unsprezece doisprezece treisprezece paisprezece cincisprezece șaisprezece șaptesprezece optsprezece "
    "nouăsprezece",
}
TENS: dict[str, str] = {
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "fr": "vingt trente quarante cinquante soixante septante huitante nonante",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pl": "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt "
    "dziewięćdziesiąt",
    "tr": "yirmi otuz kırk elli altmış yetmiş seksen doksan",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "ro": "douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci",
}
BIG_NUMBERS: dict[str, str] = {
    "de": "hundert einhundert zweihundert dreihundert vierhundert fünfhundert sechshundert siebenhundert achthundert "
    "neunhundert tausend eintausend zweitausend zwanzighundert neunzehnhundert",
    "nl": "honderd tweehonderd driehonderd vierhonderd vijfhonderd zeshonderd zevenhonderd achthonderd negenhonderd "
    "duizend tweeduizend negentienhonderd",
    "en": "hundred thousand",
    "fr": "cent cents mille",
    "it": "cento duecento trecento quattrocento cinquecento seicento settecento ottocento novecento mille duemila mila",
    "pl": "sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset tysiąc tysiące tysięcy",
    "tr": "yüz bin",
    "es": "cien ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos "
    "mil",
    "pt": "cem cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos mil",
    "ro": "sută sute mie mii",
}
REPEATS = "doppel doppelt zweimal dreimal double triple treble dubbel driemaal tweemaal deux-fois doppio dwa-razy çift"
MONTHS = (
    "januar jänner februar feber märz april mai juni juli august september oktober november dezember "
    "januari februari maart mei augustus december oktober january february march may june july october "
    "janvier février mars avril juin juillet août septembre octobre novembre décembre "
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre dicembre "
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia "
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık "
    "enero febrero marzo abril mayo junio julio septiembre octubre noviembre diciembre "
    "ianuarie februarie martie aprilie mai iunie iulie septembrie octombrie noiembrie decembrie "
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro"
)
ORDINALS = (
    "erster ersten erste zweiter zweiten zweite dritter dritten vierter vierten fünften sechsten siebten siebenten "
    "achten neunten zehnten elften zwölften dreizehnten vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten "
    "neunzehnten zwanzigsten dreißigsten einunddreißigsten eerste tweede derde vierde vijfde zesde zevende achtste "
    "negende tiende first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
SPELLING = (
    "wie von für van as for like come jak gibi come de como buchstabiere buchstabiert spell spelled spelt gespeld "
    "klein groß doppel-l umlaut ypsilon zett eszett vau jot"
)
LETTER_NAMES: dict[str, str] = {
    "de": "a be ce de e ef ge ha i jot ka el em en o pe ku er es te u vau we ix ypsilon zett",
    "nl": "a bee cee dee ee ef gee haa ie jee kaa el em en oo pee kuu er es tee uu vee wee iks ij zet",
    "en": "ay bee cee dee ee eff gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee double-u ex wye zed zee",
    "it": "a bi ci di e effe gi acca i elle emme enne o pi qu erre esse ti u vu zeta",
    "es": "a be ce de e efe ge hache i jota ka ele eme ene eñe o pe cu erre ese te u uve equis zeta",
}
TITLES = (
    "herr herrn frau fräulein dr prof professor doktor mr mrs ms miss mister sir dhr mevr mevrouw meneer heer mw "
    "monsieur madame mme mlle signor signora signore pan pani pana bay hanım bey señor señora senhor senhora domnul "
    "doamna familie family famille"
)
MAIL_WORDS = (
    "at ät klammeraffe punkt dot apenstaartje punt arobase chiocciola punto małpa kropka et nokta arroba unterstrich "
    "underscore bindestrich minus dash streepje hyphen gmail gmx outlook hotmail yahoo icloud ziggo proton protonmail "
    "posteo mailbox freenet freenetmail kpnmail bluewin telenet skynet libero orange interia onet wp tonline"
)


def compounds(language: str) -> list[str]:
    """Return the one-word numbers 21 to 99 of German, Dutch and Italian."""
    digits, tens = DIGITS[language].split()[1:], TENS[language].split()
    if language == "de":
        return [f"{'ein' if d == 'eins' else d}und{t}" for t in tens for d in digits]
    if language == "nl":
        return [f"{d}{'ën' if d.endswith('e') else 'en'}{t}" for t in tens for d in digits]
    if language == "it":
        return [(t[:-1] if d[0] in "uo" else t) + d for t in tens for d in digits]
    return []
