"""French, in reduced form: clues, questions, numbers (France, Belgium, Switzerland)."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

_NO = r"(?: ?(?:n[o°]?|num(?:ero)?|nr)\.?)?"

LANGUAGE = Language(
    code="fr",
    stop=frozenset(
        ["le", "la", "les", "un", "une", "et", "est", "je", "vous", "nous", "que", "qui", "pas", "ne", "pour", "dans", "sur", "avec", "mon", "ma", "mes", "votre", "vos", "au", "aux", "du", "des", "il", "elle", "ce", "bonjour", "merci", "oui", "non", "c'est", "j'ai", "mais", "plus", "bien", "fait", "chez", "par", "suis", "avez"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numero|n[o°]?|ref(?:erence)?) (?:de |du |d')?(?:client|commande|contrat|facture|dossier|suivi|colis|reservation|abonne|ticket|sinistre|adherent)|"
            r"(?:etiquette|tag) bagages?|prm|point de livraison|client|commande|cmd|contrat|facture|dossier|colis|reservation|reference|ref|suivi|abonnement|adherent",
        ),
        T.DEVICE_ID: (r"(?:numero|n[o°]?) de serie|serie|imei|iccid|numero de chassis|compteur|pdl",),
        T.NATIONAL_ID: (rf"securite sociale|secu|nir|passeport{_NO}|carte d'identite{_NO}|permis(?: de conduire)?{_NO}|numero fiscal|niss|registre national|avs|carte vitale",),
        T.PHONE: (r"telephone|tel|portable|mobile|gsm|joindre|joignable|rappeler|appeler|appelez|rappelez|fixe|numero de telephone|natel",),
        T.IBAN: (r"iban|bic|rib|compte(?: bancaire)?|coordonnees bancaires|numero de compte",),
        T.CARD: (r"carte(?: bancaire| bleue| de credit)?|visa|mastercard|cb|cvv|cvc|cryptogramme|expire|expiration|quatre derniers",),
        T.PLATE: (r"plaque|immatriculation|immatricule\w*",),
        T.DATE_OF_BIRTH: (r"nee? (?:le|en)|naissance|date de naissance",),
        T.USERNAME: (r"identifiant|pseudo|login|nom d'utilisateur|compte utilisateur",),
        T.PASSWORD: (r"mot de passe|mdp|code(?: secret| pin| sms| d'acces| de la porte)?|pin|digicode|cle wifi",),
        T.EMAIL: (r"e-?mail|mail|courriel|adresse mail",),
        T.STREET: (r"adresse|rue|habite|domicile|j'habite",),
        T.POSTCODE_CITY: (r"code postal|ville|commune",),
        T.GEO: (r"coordonnees gps|gps|latitude|longitude",),
    },
    exact=("numéro", "de série", "bagage", "bagages", "pdl", "prm"),
    secrets=(
        r"(?:mot de passe|mdp|code|cle)(?: (?:du )?wi-?fi)|mot de passe|mdp|digicode|code (?:pin|puk|sms|secret|confidentiel|d'acces|d'entree|du portail|de l'immeuble|"
        r"de (?:la )?(?:porte|boite a cles|verification|securite|deverrouillage|deblocage|retrait|confirmation)|recu|recu par sms)|pin|puk",
    ),
    other=(r"modele|article|reference produit|version|erreur|code erreur|prix|code promo|date (?:de |d'|du )?(?:signature|achat|livraison|commande)|ean|taille|page|siret|siren|tva|reference (?:de l'|du |de la )?(?:article|produit|piece|cartouche)|ref\.? (?:produit|article|fabricant)|cartouches?|toner|firmware|logiciel|micrologiciel|mise a jour|montant|remise|n° de lot|numero de lot|numero (?:de|du) (?:vol|train)|quai|piece detachee|canal|coloris",),
    asks={
        T.PASSWORD: (r"question (?:de securite|secrete)|reponse secrete",),
        T.PERSON: (r"(?:votre|le|quel) (?:nom|prenom)|nom de famille|comment vous appelez|qui (?:est|etes)|epel\w+|a quel nom|nom et prenom|nom\b",),
        T.STREET: (r"adresse|ou habitez|rue|numero de rue",),
        T.POSTCODE_CITY: (r"code postal|ville|adresse|ou habitez",),
        T.DATE_OF_BIRTH: (r"date de naissance|ne(?:e)? quand|naissance",),
        T.PHONE: (r"(?:quel|votre) numero|vous joindre|vous rappeler|telephone",),
    },
    units=("euros", "euro", "heures", "heure", "h", "jours", "jour", "semaines", "mois", "ans", "an", "minutes", "pour", "degres", "kilos", "metres", "litres", "centimes", "fois", "pieces", "chiffres", "secondes"),
    numerals=Numerals(
        digits={"zéro": "0", "un": "1", "une": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7", "huit": "8", "neuf": "9"},
        numbers={
            "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40,
            "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "vingts": 20,
        },
        hundred=("cent", "cents"),
        thousand=("mille",),
        vigesimal=True,
        link=("et",),
        times={"double": 2, "triple": 3},
        ordinals={"premier": 1},
        months={"janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12},
    ),
    alphabet={
        "anatole": "a", "berthe": "b", "célestin": "c", "désiré": "d", "eugène": "e", "françois": "f", "gaston": "g", "henri": "h", "irma": "i",
        "joseph": "j", "kléber": "k", "louis": "l", "marcel": "m", "nicolas": "n", "oscar": "o", "pierre": "p", "quintal": "q", "raoul": "r",
        "suzanne": "s", "thérèse": "t", "ursule": "u", "victor": "v", "william": "w", "xavier": "x", "yvonne": "y", "zoé": "z",
    },
    spelled_as=("comme",),
    symbols={"point": ".", "arobase": "@", "arobas": "@", "tiret": "-", "underscore": "_", "slash": "/", "plus": "+", "virgule": ","},
    fillers=("euh", "et", "puis", "alors", "donc", "bah", "ben", "hum"),
    titles=("monsieur", "madame", "mademoiselle", "m", "mme", "mlle", "mr", "docteur", "docteure", "dr", "maître", "professeur", "professeure", "maîtresse"),
    names_follow=(r"je m'appelle|mon nom (?:est|c'est)|je suis (?:madame|monsieur)|au nom de|nom ?:|prenom ?:",),
    farewells=(r"cordialement|bien (?:cordialement|a vous)|salutations(?: distinguees)?|merci d'avance|bonne journee|cdlt",),
    not_names=("bonjour", "service", "client", "équipe", "je", "vous", "le", "la", "les", "et", "de", "du", "pas", "monsieur", "madame"),
    mailboxes=("info", "contact", "service", "sav", "support", "serviceclient", "commande", "facturation", "compta", "accueil", "bonjour", "aide", "comptabilite", "factures", "secretariat", "commandes", "retours", "reservation", "reservations", "sinistres", "adherents", "boutique", "magasin", "clients", "location", "technique", "livraison", "abonnements", "billetterie"),
    examples=(r"par exemple|p\.? ?ex\.?",),
    samples=("exemple|comme",),
    ours=(r"service client|nous (?:appeler|joindre|contacter)|appelez-nous|(?:le|au) standard|hotline|notre numero",),
    premises=(r"siege social|centre (?:de |des )?(?:retours?|reparation|service|logistique)|service retours|(?:notre|nos|votre|vos) (?:[a-z'-]+ )?(?:magasin|boutique|agence|atelier|entrepot|depot|showroom|pharmacie|point de vente)",),
    homes=(r"habit\w*|appartement|appart|maison|domicile|chez|au-dessus|dessus|dessous|a cote|en face|derriere|pres|pas|plutot|client|cliente|contrat|command\w*|achat|achete\w*|facture|plainte|reclam\w*|resili\w*|travail\w*|locataires?|famille|livr\w*|enlevement|colis|rendez-vous|rdv|technicien\w*|passage|visite|compteur|abonne\w*|compte|adherente?|destinataire|panne|fuite|sinistre|demenag\w*|syndic|adresse|nouve\w*|chang\w*|rembours\w*",),
    mine=(r"je|j'ai|moi|me|mon|ma|rappel\w*",),
    lives_in=(r"(?:habit(?:e|ons|ent)|vis|vivons|demenage|demenager|demenageons)(?: (?:maintenant|desormais|aussi|actuellement))? a|demenage de",),
    health=(
        r"scarlatine|rougeole|oreillons|coqueluche|impetigo|bequilles|carte mobilite inclusion|"
        r"diabet\w+|cancer|tumeur|leucemie|chimio(?:therapie)?|radiotherapie|avc|infarctus|crise cardiaque|insuffisance (?:cardiaque|renale)|cardiaque|pacemaker|"
        r"hypertension|hypertendu\w*|embolie|phlebite|asthm\w+|bpco|pneumonie|epilep\w+|parkinson|alzheimer|demence|sclerose en plaques|depression|"
        r"depressi(?:f|ve)|burn-?out|anxiete|crises? d'angoisse|schizophren\w+|bipolaire|autis\w+|tdah|anorexi\w+|boulimi\w+|alcoolique|seropositi\w+|vih|sida|"
        r"hepatite\w*|tuberculose|covid|lyme|polyarthrite|arthrose|arthrite|osteoporose|fibromyalgie|hernie discale|sciatique|lombalgie|tendinite|eczema|"
        r"psoriasis|maladie de [a-z]+|coeliaque|intoleran\w+ au (?:gluten|lactose)|allergi\w+|migraines?|acouphenes?|malentendant\w*|sourde?|malvoyant\w*|"
        r"aveugle|glaucome|dmla|cataracte|paralys\w+|paraplegique|tetraplegique|amput\w+|fauteuil roulant|handicape\w*|invalidite|enceinte|fausse couche|dialyse|"
        r"greffe|operee?|incontinen\w+|stomie|sonde urinaire|insuline|lupus|endometriose|grippe|varicelle|gastro|zona|"
        r"(?:bras|jambe|pied|poignet|cheville|hanche|epaule|col du femur) cassee?|cassee? (?:le|la) (?:bras|jambe|pied|poignet|cheville|hanche|epaule)|"
        r"musulman\w*|catholique|protestant\w*|juive?s?|temoin de jehovah|bouddhiste|athee|gay|homosexuel\w*|lesbienne|bisexuel\w*|transgenre|syndicalise\w*|"
        r"syndique\w*|(?:delegue|adherent|membre|encarte)\w* (?:a |de )?(?:la |du )?(?:cgt|cfdt|fo|ps|rn|lfi|syndicat)",
    ),
    people=(
        r"je|j'ai|j'|suis|me|moi|mon|ma|mes|nous|notre|il|elle|on|son|sa|lui|mari|femme|epou\w+|mere|pere|maman|papa|mamie|papi|fils|fille|enfant|frere|soeur|"
        r"patient\w*|client\w*|souffr\w+|atteint\w*|diagnosti\w+|cause de|suite a|apres|pour",
    ),
)
