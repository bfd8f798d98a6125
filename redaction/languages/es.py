"""Spanish, in reduced form: clues, questions, numbers."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

LANGUAGE = Language(
    code="es",
    stop=frozenset(
        ["el", "la", "los", "las", "un", "una", "y", "es", "de", "que", "no", "por", "para", "con", "en", "mi", "me", "se", "lo", "su", "al", "del", "yo", "pero", "como", "más", "muy", "ya", "hola", "gracias", "buenas", "buenos", "días", "tengo", "he", "ha", "quiero", "está", "este", "esta", "cuando", "porque", "sí", "nada"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numero|n[o°]?|codigo|ref) (?:de )?(?:cliente|pedido|contrato|factura|incidencia|seguimiento|envio|reserva|poliza|expediente|socio)|"
            r"etiqueta (?:del? )?equipaje|pedido|factura|contrato|incidencia|envio|reserva|poliza|expediente|cliente|referencia|seguimiento|ticket|localizador",
        ),
        T.DEVICE_ID: (r"(?:numero de )?serie|imei|iccid|bastidor|cups|contador",),
        T.NATIONAL_ID: (r"dni|nie (?:es|num\w*|n[o°]?)|nif|pasaporte|seguridad social|carnet(?: de conducir)?|documento|curp|cedula",),
        T.PHONE: (r"telefono|tel|movil|llamar|llame|llamenme|fijo|whatsapp|contacto|numero de telefono|localizable",),
        T.IBAN: (r"iban|bic|cuenta(?: bancaria| corriente)?|numero de cuenta",),
        T.CARD: (r"tarjeta(?: de credito| de debito)?|visa|mastercard|cvv|caducidad|caduca|ultimos cuatro",),
        T.PLATE: (r"matricula|placa",),
        T.DATE_OF_BIRTH: (r"nacid[oa]|nacimiento|fecha de nacimiento|naci",),
        T.USERNAME: (r"usuario|login|cuenta de usuario|nick|perfil",),
        T.PASSWORD: (r"contrasena|clave|pin|codigo(?: de seguridad| sms| de verificacion)?|puk",),
        T.EMAIL: (r"correo(?: electronico)?|e-?mail|mail",),
        T.STREET: (r"direccion|calle|vivo|domicilio|domiciliad[oa]",),
        T.POSTCODE_CITY: (r"codigo postal|c\.?p|ciudad|localidad|poblacion|vivo en",),
        T.GEO: (r"coordenadas|gps|latitud|longitud|ubicacion",),
    },
    exact=("de serie", "equipaje", "cups"),
    secrets=(
        r"(?:contrasena|clave|codigo) (?:del? )?wi-?fi|contrasena|clave(?: de acceso| secreta)?|pin|puk|codigo (?:pin|puk|sms|del sms|secreto|recibido|"
        r"de (?:verificacion|acceso|desbloqueo|seguridad|recogida|confirmacion)|del (?:portal|garaje|mensaje)|de la (?:puerta|alarma))",
    ),
    other=(r"modelo|articulo|version|error|codigo de error|precio|cupon|codigo promocional|ean|talla|pagina|cif|referencia del (?:producto|articulo|fabricante)|cartuchos?|toner|firmware|software|actualizacion|importe|descuento|lote|vuelo|tren|anden|repuestos?|recambios?|color|canal",),
    asks={
        T.PASSWORD: (r"pregunta (?:de seguridad|secreta)|respuesta secreta",),
        T.PERSON: (r"(?:su|tu) (?:nombre|apellidos?)|como (?:se|te) llama\w*|nombre|apellidos?|con quien hablo|quien|deletre\w+|a nombre de quien",),
        T.STREET: (r"direccion|donde vive|calle|domicilio",),
        T.POSTCODE_CITY: (r"codigo postal|ciudad|localidad|donde vive|direccion",),
        T.DATE_OF_BIRTH: (r"fecha de nacimiento|cuando nacio|nacimiento",),
        T.PHONE: (r"telefono|movil|a que numero|llamar\w*|contactar\w*",),
    },
    units=("euros", "euro", "horas", "hora", "dias", "dia", "semanas", "meses", "anos", "ano", "minutos", "grados", "kilos", "metros", "litros", "veces", "cifras", "estrellas", "centimos"),
    numerals=Numerals(
        digits={"cero": "0", "uno": "1", "un": "1", "una": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9"},
        numbers={
            "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciséis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19,
            "veinte": 20, "veintiuno": 21, "veintiún": 21, "veintidós": 22, "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiséis": 26, "veintisiete": 27,
            "veintiocho": 28, "veintinueve": 29, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
            **{
                f"{word}{ending}": value * 100
                for word, value in {"doscient": 2, "trescient": 3, "cuatrocient": 4, "quinient": 5, "seiscient": 6, "setecient": 7, "ochocient": 8, "novecient": 9}.items()
                for ending in ("os", "as")
            },
        },
        hundred=("cien", "ciento"),
        thousand=("mil",),
        link=("y",),
        times={"doble": 2, "triple": 3},
        ordinals={"primero": 1},
        months={"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12},
    ),
    letters={"be": "b", "ce": "c", "de": "d", "efe": "f", "ge": "g", "hache": "h", "jota": "j", "ka": "k", "ele": "l", "eme": "m", "ene": "n", "pe": "p", "cu": "q", "erre": "r", "ese": "s", "te": "t", "uve": "v", "equis": "x", "zeta": "z"},
    spelled_as=("de", "como"),
    symbols={"punto": ".", "arroba": "@", "guion": "-", "guión": "-", "barra": "/", "más": "+", "coma": ","},
    fillers=("eh", "este", "y", "luego", "pues", "a", "ver"),
    titles=("señor", "señora", "sr", "sra", "srta", "don", "doña", "doctor", "doctora", "dr", "dra", "profesor", "profesora"),
    names_follow=(r"me llamo|mi nombre es|a nombre de|nombre ?:|apellidos ?:|titular ?:",),
    farewells=(r"un saludo|saludos(?: cordiales)?|atentamente|(?:muchas )?gracias|cordialmente",),
    not_names=("servicio", "cliente", "el", "la", "los", "buenas", "hola", "gracias", "señor", "señora", "equipo", "de", "que", "no"),
    mailboxes=("info", "contacto", "atencioncliente", "atencion", "clientes", "soporte", "ventas", "pedidos", "ayuda", "devoluciones", "contabilidad", "facturas", "facturacion", "reservas", "administracion", "secretaria", "siniestros", "reclamaciones", "tienda", "taller", "socios", "abonados", "recambios", "alquiler", "averias"),
    examples=(r"por ejemplo|p\. ?ej\.?",),
    samples=("ejemplo",),
    ours=(r"atencion al cliente|llamenos|llamarnos|nuestro (?:numero|telefono)|centralita",),
    premises=(r"sucursal|sede (?:social|central)|centro de (?:servicio|devoluciones|reparacion|reparaciones|distribucion)|departamento de devoluciones|(?:(?:nuestr|vuestr)[oa]s?|sus?) (?:[a-z'-]+ )?(?:tienda|almacen|taller|oficina|sede|farmacia|delegacion|servicio tecnico)",),
    homes=(r"viv\w*|piso|casa|domicilio|encima|debajo|al lado|junto a|enfrente|frente a|detras|cerca de|no|sino|en vez|clientes?|contrato|pedido|compr\w*|factura|queja|reclam\w*|baja|trabaj\w*|inquilin\w*|familia|entreg\w*|recog\w*|paquete|cita|visita|contador|suministro|abon\w*|cuenta|soci[oa]|destinatari[oa]|averia\w*|fuga|mudanza|siniestro|direccion|nuev\w*|cambi\w*|reembols\w*",),
    mine=(r"yo|me|mi|llam(?:en|a|ar)me|devolv\w*",),
    lives_in=(r"(?:viv(?:o|imos|e)|resido|mudad[oa]s?|mudamos|mude)(?: (?:ahora|aqui))? (?:en|a)|(?:mudad[oa]s?|mudamos|mude) (?:de|desde)",),
    health=(
        r"escarlatina|sarampion|paperas|tosferina|impetigo|muletas|"
        r"diabet\w+|cancer|tumor(?:es)?|leucemia|linfoma|quimio(?:terapia)?|radioterapia|ictus|derrame cerebral|infarto|insuficiencia (?:cardiaca|renal)|"
        r"marcapasos|hipertens\w+|tension alta|trombosis|embolia|asma|asmatic\w+|epoc|neumonia|epilep\w+|parkinson|alzheimer|demencia|esclerosis multiple|"
        r"esclerosis lateral|depresion|depresiv\w+|ansiedad|ataques? de (?:panico|ansiedad)|esquizofreni\w+|bipolar|autis\w+|tea|tdah|anorexi\w+|bulimi\w+|"
        r"alcoholic\w+|vih|seropositiv\w+|sida|hepatitis|tuberculosis|covid|artritis|artrosis|osteoporosis|fibromialgia|hernia (?:discal|de disco)|ciatica|"
        r"eccema|psoriasis|crohn|celiac\w+|intoleran\w+ a la lactosa|alergi\w+(?: a (?:los |las |la |el )?(?:frutos secos|\w+))?|migranas?|sord[oa]|sordera|"
        r"ciego|ciega|discapacidad visual|glaucoma|cataratas|paralitic\w+|paraplejic\w+|amputad[oa]|amputacion|silla de ruedas|discapacitad[oa]|discapacidad|"
        r"minusvalia|embarazada|aborto|dialisis|trasplant\w+|operad[oa]|incontinen\w+|colostomia|sonda|insulina|bomba de insulina|lupus|endometriosis|gripe|"
        r"varicela|(?:brazo|pierna|pie|mano|cadera|muneca|hombro|tobillo) rot[oa]|"
        r"rot[oa] (?:el|la|un|una) (?:brazo|pierna|pie|mano|cadera|muneca|hombro|tobillo)|musulman\w*|catolic[oa]|testigos? de jehova|judi[oa]s?|budista|ate[oa]|"
        r"gay|homosexual|lesbiana|bisexual|transgenero|sindicalista|afiliad[oa] (?:a |al )?(?:ccoo|comisiones obreras|ugt|cnt|psoe|pp|vox|sindicato)",
    ),
    people=(
        r"yo|me|mi|mis|nosotr\w+|nuestr\w+|el|ella|su|le|tengo|tiene|tenemos|soy|es|estoy|esta|he|ha|han|padezco|padece|sufr\w+|marido|mujer|espos[oa]|madre|"
        r"padre|mama|papa|abuel[oa]|hij[oa]|nin[oa]|herman[oa]|suegr[oa]|paciente|diagnostic\w+|causa|despues|por|usa",
    ),
)
