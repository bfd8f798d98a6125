"""English, as written and spoken in Great Britain, Ireland and elsewhere.

Spelling alphabets: ICAO/NATO (Alfa, Bravo), the older British and American tables, and words people improvise.
"""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NO = r"[ -]?(?:no\b|num(?:ber)?s?|nr\b|id\b|ref(?:erence)?|code|#)"

LANGUAGE = Language(
    code="en",
    stop=frozenset(
        ["the", "and", "is", "i", "to", "my", "it", "you", "your", "of", "for", "in", "on", "at", "with", "not", "please", "have", "has", "had", "can", "could", "was", "are", "this", "that", "we", "me", "no", "yes", "what", "when", "where", "how", "it's", "i'm", "i've", "don't", "from", "they", "he", "she", "an", "be", "but", "been", "just", "so", "or", "if", "our", "would", "will", "do", "did", "hello", "hi", "thanks", "thank", "a", "by", "there", "about"],
    ),
    clues={
        T.CUSTOMER_NO: (
            rf"(?:customer|client|account|acct|order|contract|invoice|ticket|case|repair|policy|booking|tracking|claim|member(?:ship)?|"
            rf"reservation|confirmation|parcel|consignment|return|rma|incident|complaint|reference|job|loyalty|delivery|shipment|bill|"
            rf"application|agreement|patient|student|supporter|card|season ticket){_NO}",
            r"(?:bag|baggage|luggage) tag|ref|refs|pnr|pcn|penalty charge notice|mpan|mprn|rma|order|invoice|ticket|policy|booking|claim|reference|acct|awb|tracking|parcel|customer|"
            r"account|membership|contract|repair|case",
        ),
        T.DEVICE_ID: (
            rf"(?:serial|meter|frame|chassis|sim|unit|device|product){_NO}|serials?|s/?n|imei\d?|iccid|eid|vin|sn|meid|sim card",
        ),
        T.NATIONAL_ID: (
            rf"(?:ni|nino|national insurance|social security|ssn|passport|licen[cs]e|driving licen[cs]e|tax|utr|nhs|pps|ppsn|"
            rf"id card|identity card|aadhaar|visa){_NO}?|pan(?: card)?{_NO}|nino|ni|ssn|passport|licen[cs]e|utr|nhs|ppsn?|bsn|tin",
        ),
        T.PHONE: (
            rf"(?:phone|telephone|mobile|contact|cell|landline|whats ?app|callback|call back){_NO}|tel|mob|mobile|phone|landline|"
            r"cell|fax|ring|call(?:ing|ed)?|text(?:ed)?|reach(?:ed)? (?:me|him|her|us)|whats ?app|dial|telephone",
        ),
        T.IBAN: (
            r"iban|bic|swift|sort ?code|account (?:number|no|name|ending)|bank(?: account| details)?|a/?c(?: no)?|direct debit|acc(?:ount)? no",
        ),
        T.CARD: (
            r"(?:credit|debit|bank|visa|mastercard|amex)? ?card(?: number| no| details)?|visa|mastercard|amex|cvc|cvv2?|"
            r"security code|expir\w*|exp|valid (?:until|thru|to)|ending(?: in)?|last four(?: digits)?|long number",
        ),
        T.PLATE: (r"reg(?:istration)?(?: number| plate| no)?|number ?plate|plates?|licen[cs]e plate|vrm|vehicle",),
        T.DATE_OF_BIRTH: (r"dob|d\.o\.b|born|birth ?day|date of birth|birth ?date|b\.|birth|year of birth",),
        T.USERNAME: (
            r"user ?(?:name|id)?|login|log in|handle|gamer ?tag|screen name|account name|nick(?:name)?|sign in|signed in as|"
            r"insta(?:gram)?|discord|twitch|steam|profile|twitter|tiktok|display name",
        ),
        T.PASSWORD: (
            r"pass ?(?:word|code|phrase|key)?s?|pw|pwd|pin(?: number)?|puk|otp|code|one[ -]time|security code|door code|gate code|"
            r"access code|memorable|magic word|maiden name|wi-?fi (?:key|code|pass\w*)|(?:wpa2?|network|security) key|key ?code|key ?safe|safe|combination",
        ),
        T.IP: (r"ip(?: address)?|ipv[46]",),
        T.MAC: (r"mac(?: address)?",),
        T.EMAIL: (r"e-?mail\w*|mail address",),
        T.STREET: (r"address|street|house number|live at|living at|flat|first line|deliver(?:ed)? to",),
        T.POSTCODE_CITY: (r"post ?code|zip(?: ?code)?|eircode|town|city",),
        T.GEO: (r"coordinates?|coords|gps|latitude|longitude|lat|grid ref\w*|location|plus code",),
    },
    exact=("number", "no", "imei", "iccid", "serial", "sn", "s/n", "reg", "iban", "pin", "puk", "pincode", "mpan", "mprn", " tag"),
    secrets=(
        r"password|passcode|passphrase|pin(?: code| number)?|puk(?: code)?|otp|(?:wi-?fi|router|network|security) (?:password|key|code)|"
        r"(?:door|gate|entry|access|verification|unlock|sms|text|one-time|alarm|key safe|voicemail) (?:code|pin|password)|keysafe(?: code)?",
    ),
    other=(
        r"model\w*|article(?: number)?|item(?: number| no)?|product code|part(?: number| no)?|firmware|version|v|error(?: code)?|"
        r"fault(?: code)?|code e|ean|barcode|isbn|upc|sku|price|voucher\w*|discount|promo(?: code)?|coupon|gift ?card|size|platform|"
        r"gate|flight|train|bus|route|page|room|build|release|update|standard|iso|(?:din|bs|iso) en|bs|channel|freq\w*|helpline|hotline|windows|"
        r"android|ios|macos|stock|batch|lot|section|clause|type|catalogue|cat no|factory code|style|colou?r|ratings?|sale",
    ),
    asks={
        T.PASSWORD: (r"(?:security|secret|recovery) (?:question|answer)|for recovery|pass ?phrase",),
        T.PERSON: (
            r"(?:your|the|full|first|last|sur|family|maiden|account holder'?s?|cardholder'?s?|patient'?s?|lead passenger'?s?) ?names?|"
            r"who(?:'s| is| am| are) (?:i |you |this |calling|speaking)?|what(?:'s| is) your name|surname|initials?|spell (?:that|it|your)|"
            r"name (?:please|on the)|what name|name\?|speaking (?:to|with)|call you",
        ),
        T.STREET: (r"address|street|house (?:number|name)|where (?:do|does|shall|should|are) \w+ (?:live|send|deliver)|first line|where to",),
        T.POSTCODE_CITY: (r"address|post ?code|zip|eircode|town|city|where (?:do|does|are) \w+ (?:live|from|based)|where to",),
        T.DATE_OF_BIRTH: (r"date of birth|birth ?day|dob|born|year of birth",),
        T.EMAIL: (r"e-?mail\w*",),
        T.PHONE: (
            r"(?:phone|telephone|mobile|contact|best|landline|cell|call ?back|callback) number|number (?:to|can|should|do) (?:reach|call|ring|we|i|you)|"
            r"(?:call|ring|text|reach) you|phone\?|mobile\?|number to (?:call|ring|reach)",
        ),
    },
    units=(
        "pounds", "pound", "quid", "pence", "p", "euro", "euros", "eur", "gbp", "dollars", "percent", "per cent", "degrees", "watts",
        "watt", "kw", "kwh", "volts", "v", "amps", "bar", "litres", "litre", "l", "ml", "kg", "kilos", "grams", "g", "km", "miles",
        "metres", "meters", "m", "cm", "mm", "inch", "inches", "feet", "foot", "ft", "mil", "o'clock", "am", "pm", "days", "day", "weeks", "week",
        "months", "month", "years", "year", "yrs", "yr", "hours", "hour", "hrs", "minutes", "minute", "mins", "min", "seconds", "secs", "times", "gb",
        "mb", "tb", "mbps", "mhz", "ghz", "mah", "people", "points", "pages", "digits", "stars", "items", "kids", "units", "pieces", "lengths",
        "boxes", "bags", "bottles", "packs", "pairs", "of", "x", "stone", "lb", "lbs", "oz", "st", "nd", "rd", "th", "floor", "star",
    ),
    numerals=Numerals(
        digits={
            "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2", "three": "3", "four": "4",
            "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9", "fife": "5", "tree": "3",
        },
        numbers={
            "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
            "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
            "eighty": 80, "ninety": 90,
        },
        hundred=("hundred",),
        thousand=("thousand",),
        link=("and", "a"),
        times={"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
        ordinals={
            "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
            "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
            "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
        },
        months={
            "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10,
            "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
            "oct": 10, "nov": 11, "dec": 12,
        },
    ),
    alphabet={
        "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f", "golf": "g", "hotel": "h",
        "india": "i", "juliet": "j", "juliett": "j", "kilo": "k", "lima": "l", "mike": "m", "november": "n", "oscar": "o", "papa": "p",
        "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u", "victor": "v", "whiskey": "w", "whisky": "w",
        "xray": "x", "x-ray": "x", "yankee": "y", "zulu": "z", "apple": "a", "able": "a", "baker": "b", "boy": "b", "ben": "b", "dog": "d",
        "david": "d", "delilah": "d", "edward": "e", "easy": "e", "elephant": "e", "freddie": "f", "fox": "f", "frank": "f", "george": "g",
        "harry": "h", "henry": "h", "isaac": "i", "ink": "i", "jack": "j", "john": "j", "king": "k", "kate": "k", "lucy": "l", "london": "l",
        "mary": "m", "mother": "m", "nellie": "n", "nancy": "n", "norman": "n", "oliver": "o", "orange": "o", "peter": "p", "queen": "q",
        "queenie": "q", "robert": "r", "roger": "r", "sugar": "s", "sam": "s", "samuel": "s", "tommy": "t", "tom": "t", "uncle": "u",
        "vinegar": "v", "william": "w", "yellow": "y", "zebra": "z",
    },
    letters={"ay": "a", "bee": "b", "cee": "c", "see": "c", "dee": "d", "aitch": "h", "jay": "j", "kay": "k", "cue": "q", "zed": "z", "zee": "z"},
    spelled_as=("for", "as", "in", "like"),
    symbols={
        "dot": ".", "point": ".", "at": "@", "underscore": "_", "dash": "-", "hyphen": "-", "slash": "/", "plus": "+", "minus": "-",
        "colon": ":", "comma": ",", "space": " ",
    },
    fillers=(
        "uh", "um", "er", "erm", "then", "and", "no", "sorry", "wait", "hang", "on", "yeah", "so", "it's", "that's", "again", "make",
        "scratch", "is", "ok", "okay", "hold", "actually", "correction", "i", "mean", "the", "hmm", "well", "rather", "not", "let", "me",
    ),
    titles=("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "madam", "rev", "reverend", "captain", "sister", "auntie", "uncle", "nurse"),
    names_follow=(
        r"(?:my|the) (?:full |first |last |sur)?name(?:'s| is| was)|i am called|(?:this|it) is|name|names|speaking to|"
        r"(?:my )?surname(?: is|'s)?|(?:my )?first name(?: is|'s)?|call me|name of|account holder|cardholder|passenger|patient|"
        r"policy ?holder|attn|c/o|addressed to|in the name of|under the name(?: of)?|ask for|maiden name(?: is| was)?",
    ),
    farewells=(
        r"(?:kind|best|warm|many|kindest|warmest)? ?regards|(?:best|warm) wishes|many thanks|cheers|yours(?: sincerely| faithfully| truly)?|sincerely|"
        r"thanks|thank you|thx|yrs|ta|rgds|kr|all the best|best|love|slan|le meas",
    ),
    not_names=(
        "team", "sir", "madam", "there", "all", "customer", "support", "service", "services", "everyone", "guys", "folks", "and", "the", "a", "an",
        "not", "just", "is", "was", "on", "in", "here", "trying", "calling", "looking", "having", "sorry", "so", "very", "really", "still", "from",
        "with", "my", "your", "it", "for", "to", "at", "of", "who", "what", "that", "this", "wrong", "correct", "spelled", "spelt", "going", "getting",
        "i", "we", "you", "he", "she", "they", "again", "in advance", "please", "no", "yes", "ok", "about", "regarding", "number", "date", "address",
        "has", "have", "had", "will", "would", "can", "could", "did", "does", "said", "says", "as", "by", "if", "or", "but", "when", "good", "reception",
        "doctor", "dr", "mr", "mrs", "right", "fine", "waiting", "bot", "assistant", "care", "desk", "sales", "accounts", "billing", "manager", "back",
    ),
    mailboxes=(
        "info", "support", "help", "service", "sales", "contact", "enquiries", "inquiries", "hello", "customerservice", "customercare", "care", "orders",
        "returns", "billing", "accounts", "office", "admin", "noreply", "no-reply", "privacy", "press", "jobs", "careers", "feedback", "complaints",
        "claims", "underwriting", "bookings", "reservations", "reception", "shop", "team", "helpdesk", "customer.service", "customer.services",
        "customerservices", "refunds", "repairs", "warranty", "donotreply", "newsletter", "marketing", "postmaster", "webmaster", "abuse", "dpo", "gdpr", "contracts", "memberships", "membership", "appointments", "dispatch",
        "deposits", "lettings", "rentals", "parts", "tickets", "trade", "store", "branch", "payments", "subscriptions", "deliveries", "collections",
    ),
    examples=(r"for example|for instance|e\.?g\.?|such as",),
    samples=(r"example|sample|looks like|something like|format(?: is)?",),
    ours=(r"help ?line|hot ?line|customer (?:service|care|support)s?|call us|ring us|contact us|reach us|our (?:office|team|switchboard|helpline)|switchboard|support line|freephone|phone us|call our|(?:ring|call|phone|contact) (?:the )?reception",),
    premises=(r"head office|registered office|(?:returns?|repair|service|distribution|fulfil?lment) cent(?:re|er)|returns? (?:department|dept|desk)|(?:our|your) (?:[a-z'-]+ ){0,2}(?:stores?|shops?|branch|showroom|warehouse|depot|office|workshop|clinic|surgery|pharmacy)",),
    homes=(r"flats?|house|home|apartment|live|lives|living|above|over|below|next to|beside|opposite|behind|near|not|no|don't|instead|rather|customers?|contract|order\w*|bought|purchase\w*|invoice|complain\w*|cancel\w*|works?|working|employ\w*|tenants?|family|private|deliver\w*|collect\w*|pick ?up|parcel|booking|booked|appointment|engineer|technician|visit\w*|meter|account|subscription|member\w*|polic(?:y|ies)|tenancy|install\w*|c/o|fault\w*|broken|breakdown|leak\w*|moving|move|claim|ship|landlord|broadband|boiler|address|new|chang\w*|updat\w*|refund\w*|tell|told",),
    mine=(r"i|i'm|me|my|mine|call(?:ing)? back|callback|ring back|phone back",),
    lives_in=(
        r"(?:live|lives|living|based|resident|residing)(?: (?:now|over|up|down|out|just|here|alone)){0,2} in|"
        r"(?:moved|moving|relocated)(?: (?:now|over|up|down|out|just|back)){0,2} (?:to|from)",
    ),
    health=(
        r"chicken ?pox|scarlet fever|measles|mumps|whooping cough|impetigo|tonsillitis|crutches|blue badge|"
        r"diabet\w+|type (?:1|2|one|two) diabet\w+|cancer|leuka?emia|lymphoma|chemo(?:therapy)?|radiotherapy|stroke|heart (?:attack|failure|condition|disease)|"
        r"pacemaker|atrial fibrillation|angina|high blood pressure|hypertension|thrombosis|blood clots?|asthma|asthmatic|copd|emphysema|pneumonia|epilep\w+|"
        r"parkinson'?s|alzheimer'?s|dementia|multiple sclerosis|motor neurone|depression|depressed|anxiety|panic attacks|burnout|psychosis|schizophreni\w+|"
        r"bipolar|autis\w+|asperger'?s|adhd|ptsd|anorexi\w+|bulimi\w+|alcoholic|hiv(?:[ -]positive)?|hepatitis|tuberculosis|covid|long covid|lupus|rheumatoid|"
        r"arthritis|osteoporosis|fibromyalgia|sciatica|slipped dis[ck]|eczema|psoriasis|crohn'?s|colitis|coeliac|celiac|lactose intolerant|"
        r"(?:nut|peanut|latex|penicillin|shellfish) allergy|allergic|migraines?|tinnitus|hard of hearing|deaf|partially sighted|visually impaired|"
        r"registered blind|legally blind|glaucoma|macular degeneration|paraly[sz]ed|paraplegic|amputat\w+|amputee|wheelchair|housebound|pregnant|miscarriage|"
        r"dialysis|kidney (?:failure|disease)|transplant|hysterectomy|mastectomy|hip replacement|knee replacement|incontinen\w+|colostomy|catheter|insulin|chemo|"
        r"(?:broken|fractured|broke my|broke her|broke his) (?:arm|leg|foot|hand|hip|wrist|shoulder|ankle|collarbone|ribs?|pelvis)|muslim|catholic|"
        r"jehovah'?s witness|jewish|buddhist|hindu|sikh|mormon|quaker|methodist|atheist|gay|lesbian|bisexual|transgender|non-?binary|trade union|"
        r"union (?:rep|member)|(?:labour|conservative|green|tory|lib dem|snp) party member|member of (?:unite|unison|the (?:labour|conservative|green) party)",
    ),
    people=(
        r"i|i'm|i've|me|my|mine|we|we're|our|he|he's|she|she's|they|they're|his|her|him|has|had|husband|wife|partner|mum|mother|dad|father|nan|gran\w*|son|"
        r"daughter|child|brother|sister|patient|customer|suffer\w*|diagnosed|diagnosis|due to|because of|after",
    ),
)
