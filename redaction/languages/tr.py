"""Turkish, in reduced form: clues with their suffixes, questions, numbers."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

LANGUAGE = Language(
    code="tr",
    stop=frozenset(
        ["bir", "ve", "bu", "da", "de", "için", "ile", "ben", "siz", "çok", "ama", "değil", "mi", "mı", "var", "yok", "ne", "nasıl", "olarak", "merhaba", "selam", "teşekkürler", "lütfen", "evet", "hayır", "benim", "bana", "daha", "gibi", "kadar", "sonra", "önce", "şey", "oldu", "istiyorum", "iyi", "günler", "nerede"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:musteri|siparis|abone|sozlesme|fatura|takip|kargo|basvuru|rezervasyon|police|servis|kayit|ariza|ogrenci|okul|uyelik|uye|evrak|dosya|hasta|randevu) ?(?:no\w*|numara\w*|kodu)|siparis\w*|abone\w*|police\w*|"
            r"bagaj etiketi\w*|sikayet\w*|tesisat\w*|rezervasyon\w*|kargo\w*|fatura\w*|pnr",
        ),
        T.DEVICE_ID: (r"seri ?(?:no\w*|numara\w*)|imei\w*|iccid|sasi\w*|sayac\w*",),
        T.NATIONAL_ID: (r"(?:tc|t\.c\.?)(?: ?kimlik)?(?: ?(?:no\w*|numara\w*))?|kimlik\w*(?: (?:no\w*|numara\w*))?|pasaport\w*|ehliyet\w*|vergi no\w*",),
        T.PHONE: (r"telefon\w*|tel|cep\w*|gsm|arayin|arayabilir\w*|ulas\w+|whatsapp\w*|numaram\w*",),
        T.IBAN: (r"iban\w*|hesap\w*|bic",),
        T.CARD: (r"kart\w*|visa|mastercard|cvv|cvc|son kullanma|son dort",),
        T.PLATE: (r"plaka\w*",),
        T.DATE_OF_BIRTH: (r"dogum\w*|dogumluyum|dogdum",),
        T.USERNAME: (r"kullanici adi\w*|kullanici|rumuz\w*|hesabim",),
        T.PASSWORD: (r"sifre\w*|parola\w*|pin\w*|kod\w*|puk",),
        T.EMAIL: (r"e-?posta\w*|mail\w*|e-?mail\w*",),
        T.STREET: (r"adres\w*|sokak|cadde\w*|oturuyorum|mahalle\w*",),
        T.POSTCODE_CITY: (r"posta kodu\w*|sehir|ilce|oturuyorum",),
        T.GEO: (r"koordinat\w*|konum\w*",),
    },
    exact=("numara", "numarası", "numaram", "etiketi", "no"),
    secrets=(
        r"wi-?fi sifresi|(?:kart )?sifre(?:m|si|niz)?|parola(?:m|si)?|(?:pin|puk|sms|dogrulama|onay|kapi|apartman|guvenlik|aktivasyon|teslimat) kodu(?:m|nuz)?|gelen kod|pin(?:im)?|puk",
    ),
    other=(r"model\w*|urun kodu|versiyon\w*|surum\w*|uygulama\w*|yazilim\w*|guncelleme\w*|hata(?: kodu)?|fiyat\w*|indirim\w*|barkod|beden|sayfa|kartus\w*|toner\w*|tutar\w*|ucus\w*|tren(?:e|i|in|de|den)?|peron\w*|yedek parca\w*|parca (?:no|kodu|numarasi)|renk\w*|kanal\w*|parti no|lot no|stok kodu|kampanya kodu|kupon\w*",),
    asks={
        T.PASSWORD: (r"(?:guvenlik|gizli) soru\w*",),
        T.PERSON: (r"adiniz\w*|soyad\w*|isminiz\w*|ad soyad|kiminle|kim\b|heceler\w*|kodlar misiniz|adi",),
        T.STREET: (r"adres\w*|nerede otur\w*|sokak|cadde",),
        T.POSTCODE_CITY: (r"posta kodu|sehir|nerede otur\w*|hangi il|adres\w*",),
        T.DATE_OF_BIRTH: (r"dogum tarih\w*|ne zaman dogdu\w*|dogum",),
        T.PHONE: (r"telefon\w*|hangi numara\w*|ulasabil\w*|arayalim|cep numara\w*|numaraniz",),
    },
    units=("lira", "liranin", "tl", "euro", "saat", "gun", "hafta", "ay", "yil", "yas", "yasinda", "dakika", "derece", "kilo", "metre", "litre", "kere", "gündür", "haftadır", "aydır", "yıldır", "saattir", "adet", "kurus", "yildiz"),
    numerals=Numerals(
        digits={"sıfır": "0", "bir": "1", "iki": "2", "üç": "3", "dört": "4", "beş": "5", "altı": "6", "yedi": "7", "sekiz": "8", "dokuz": "9"},
        numbers={"on": 10, "yirmi": 20, "otuz": 30, "kırk": 40, "elli": 50, "altmış": 60, "yetmiş": 70, "seksen": 80, "doksan": 90},
        hundred=("yüz",),
        thousand=("bin",),
        times={"çift": 2},
        months={"ocak": 1, "şubat": 2, "mart": 3, "nisan": 4, "mayıs": 5, "haziran": 6, "temmuz": 7, "ağustos": 8, "eylül": 9, "ekim": 10, "kasım": 11, "aralık": 12},
    ),
    letters={"be": "b", "ce": "c", "de": "d", "fe": "f", "ge": "g", "he": "h", "je": "j", "ka": "k", "ke": "k", "le": "l", "me": "m", "ne": "n", "pe": "p", "re": "r", "se": "s", "te": "t", "ve": "v", "ye": "y", "ze": "z"},
    symbols={"nokta": ".", "et": "@", "tire": "-", "alt": "_", "artı": "+", "virgül": ","},
    fillers=("ee", "ıı", "şey", "sonra", "evet", "yani", "ve", "devam"),
    titles=("bay", "bayan", "sayın", "dr", "doktor", "profesör", "avukat"),
    names_follow=(r"benim adim|adim|ismim|ben ",),
    farewells=(r"saygilar\w*|iyi (?:gunler|calismalar|aksamlar)|tesekkur\w*|sevgiler",),
    not_names=("merhaba", "müşteri", "hizmetleri", "yetkili", "sayın", "iyi", "günler", "ve", "bu", "bir"),
    mailboxes=("info", "destek", "musteri", "iletisim", "satis", "siparis", "musterihizmetleri", "muhasebe", "fatura", "rezervasyon", "basvuru", "sube", "magaza", "iade", "servis", "bilgi", "hasar", "uyelik"),
    examples=(r"mesela|ornegin|orn\.",),
    samples=("ornek",),
    ours=(r"musteri hizmetleri|cagri merkezi|bizi (?:arayin|arayabilirsiniz)|hattimiz\w*|numaramiz",),
    premises=(r"iade (?:adresi(?:miz|niz)?|merkezi(?:miz|niz)?)|servis merkezi(?:miz|niz)?|genel merkez\w*|(?:magaza|sube|servis|merkez|depo|ofis|bayi|eczane)(?:mi|ni|imi|ini|mu|nu)z\w*",),
    homes=(r"ev|evim\w*|evde|eve|oturuyor\w*|yasiyor\w*|daire\w*|ustu\w*|alti\w*|yani\w*|karsi\w*|arka\w*|yakin\w*|degil|yerine|musteri\w*|sozlesme\w*|siparis\w*|satin|fatura\w*|sikayet\w*|iptal|calis\w*|kiraci\w*|aile\w*|teslim\w*|adresim\w*|gel(?:ecek|ece)\w*|paket\w*|kargo\w*|randevu\w*|sayac\w*|abone\w*|hesap\w*|hesab\w*|uye\w*|alici\w*|ariza\w*|tasin\w*|bozuk|yeni|degis\w*|guncel\w*",),
    mine=(r"ben|beni|bana|benim|numaram\w*|telefonum\w*|cebim\w*",),
    health=(
        r"kizil hastalig\w+|kizamik|kabakulak|bogmaca|sucicegi|koltuk degneg\w+|koltuk degnek\w*|"
        r"diyabet\w*|seker hasta\w+|kanser\w*|tumor\w*|losemi|lenfoma|kemoterapi\w*|radyoterapi|inme|felc\w*|beyin kanamasi|kalp krizi|kalp hasta\w+|kalp pili|"
        r"kalp yetmezligi|(?:yuksek )?tansiyon hasta\w+|yuksek tansiyon\w*|astim\w*|koah\w*|zaturre|epilepsi\w*|sara hasta\w+|parkinson\w*|alzheimer\w*|"
        r"demans\w*|ms hasta\w+|depresyon\w*|anksiyete|panik atak\w*|panik atag\w+|sizofren\w*|bipolar|otizm\w*|otistik|dehb|anoreksi|alkolik|hiv\w*|hepatit\w*|"
        r"verem|kovid|covid\w*|romatizma\w*|romatoid|kirec\w+|osteoporoz|fibromiyalji|fitig\w+|fitik|egzama|sedef\w*|colyak|crohn|laktoz intolerans\w*|alerji\w*|"
        r"migren\w*|isitme (?:engelli|kaybi|cihazi)\w*|sagir\w*|gorme engelli\w*|kor(?:um|dur)|glokom|katarakt|felcli|ampute|tekerlekli sandalye\w*|"
        r"engelli(?:yim|dir|si)?|hamile\w*|gebe\w*|dusuk yap\w+|diyaliz\w*|bobrek (?:hasta|yetmezlig|nakli)\w*|ameliyat\w*|menisk\w+|insulin\w*|ventolin|"
        r"hasta(?:yim|si|lig\w+)|musluman\w*|aleviy\w+|alevi|hristiyan\w*|suryani|musevi\w*|yahudi\w*|ateist\w*|gay|escinsel\w*|lezbiyen\w*|biseksuel|"
        r"trans birey|sendika\w*(?: uyesi\w*)?|parti uyesi\w*|oruclu\w*|oruc",
    ),
    people=(
        r"ben|bana|benim|beni|biz|bizim|o|onun|esim\w*|karim|kocam|annem\w*|babam\w*|anneannem|babaannem|dedem|oglum\w*|kizim\w*|cocug\w+|kardes\w+|ablam|abim|"
        r"kayinvalide\w*|teyzem|hastam|hasta|\w+(?:yim|yiz|dim|im|um)|nedeniyle|yuzunden|sonrasi|tanisi|teshisi",
    ),
)
