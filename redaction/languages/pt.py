"""Portuguese, in reduced form: clues, questions, numbers."""

# ruff: noqa: E501, ISC004 - word lists and patterns read best in rows
# fmt: off

from __future__ import annotations

from redaction.findings import EntityType as T
from redaction.languages.model import Language, Numerals

LANGUAGE = Language(
    code="pt",
    stop=frozenset(
        ["o", "a", "os", "as", "um", "uma", "e", "é", "de", "que", "não", "por", "para", "com", "em", "meu", "minha", "me", "se", "no", "na", "do", "da", "ao", "eu", "mas", "como", "mais", "muito", "já", "olá", "obrigado", "obrigada", "bom", "dia", "boa", "tarde", "tenho", "foi", "está", "este", "esta", "quando", "porque", "sim"]
    ),
    clues={
        T.CUSTOMER_NO: (
            r"(?:numero|n[o°]?|codigo|ref) (?:de |do |da )?(?:cliente|encomenda|contrato|fatura|processo|reserva|apolice|pedido|rastreio|socio)|"
            r"etiqueta (?:da )?bagagem|encomenda|enc|fatura|contrato|protocolo|rastreamento|processo|reserva|apolice|cliente|pedido|referencia|ticket",
        ),
        T.DEVICE_ID: (r"(?:numero de )?serie|imei|iccid|chassi|contador|medidor|cpe",),
        T.NATIONAL_ID: (r"nif|cartao de cidadao|bi|passaporte|niss|carta de conducao|contribuinte|cc|cpf|utente",),
        T.PHONE: (r"telefone|tel|telemovel|ligar|liguem|contacto|fixo|whatsapp|numero de telefone|celular",),
        T.IBAN: (r"iban|bic|conta(?: bancaria)?|nib",),
        T.CARD: (r"cartao(?: de credito| de debito)?|visa|mastercard|cvv|validade|ultimos quatro",),
        T.PLATE: (r"matricula|placa",),
        T.DATE_OF_BIRTH: (r"nascid[oa]|nascimento|data de nascimento|nasci",),
        T.USERNAME: (r"utilizador|usuario|login|nome de utilizador|perfil",),
        T.PASSWORD: (r"senha|palavra-?passe|pin|codigo(?: de seguranca| sms)?|puk",),
        T.EMAIL: (r"e-?mail|mail|correio eletronico",),
        T.STREET: (r"morada|rua|moro|endereco|resido",),
        T.POSTCODE_CITY: (r"codigo postal|cidade|localidade|moro em",),
        T.GEO: (r"coordenadas|gps|latitude|longitude",),
    },
    exact=("de série", "bagagem", "cpe"),
    secrets=(
        r"(?:senha|password|palavra-?passe) (?:do )?wi-?fi|senha(?: do cartao| da app)?|palavra-?passe|password|pin|puk|codigo (?:pin|puk|sms|do sms|recebido|secreto|que (?:chegou|recebi)|"
        r"de (?:verificacao|acesso|seguranca|desbloqueio|levantamento|confirmacao)|d[ao] (?:porta|portao|alarme|predio))",
    ),
    other=(r"modelo|artigo|versao|erro|codigo de erro|preco|cupao|ean|tamanho|pagina|tinteiros?|toner|firmware|software|atualizacao|valor|desconto|lote|numero do (?:voo|comboio)|pecas?|canal|referencia do (?:produto|artigo)",),
    asks={
        T.PASSWORD: (r"pergunta (?:de seguranca|secreta)",),
        T.PERSON: (r"(?:seu|o|teu) (?:nome|apelido)|como se chama|nome|apelido|com quem|quem|soletr\w+|em nome de quem",),
        T.STREET: (r"morada|onde mora|rua|endereco",),
        T.POSTCODE_CITY: (r"codigo postal|cidade|localidade|onde mora|morada",),
        T.DATE_OF_BIRTH: (r"data de nascimento|quando nasceu|nascimento",),
        T.PHONE: (r"telefone|telemovel|para que numero|contactar\w*|ligar\w*|numero",),
    },
    units=("euros", "euro", "horas", "hora", "dias", "dia", "semanas", "meses", "anos", "ano", "minutos", "graus", "quilos", "metros", "litros", "vezes", "digitos", "estrelas"),
    numerals=Numerals(
        digits={"zero": "0", "um": "1", "uma": "1", "dois": "2", "duas": "2", "três": "3", "quatro": "4", "cinco": "5", "seis": "6", "meia": "6", "sete": "7", "oito": "8", "nove": "9"},
        numbers={
            "dez": 10, "onze": 11, "doze": 12, "treze": 13, "catorze": 14, "quatorze": 14, "quinze": 15, "dezasseis": 16, "dezesseis": 16, "dezassete": 17, "dezoito": 18,
            "dezanove": 19, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90,
            **{
                f"{word}{ending}": value * 100
                for word, value in {"duzent": 2, "trezent": 3, "quatrocent": 4, "quinhent": 5, "seiscent": 6, "setecent": 7, "oitocent": 8, "novecent": 9}.items()
                for ending in ("os", "as")
            },
        },
        hundred=("cem", "cento"),
        thousand=("mil",),
        link=("e",),
        times={"dobro": 2},
        months={"janeiro": 1, "fevereiro": 2, "março": 3, "abril": 4, "maio": 5, "junho": 6, "julho": 7, "agosto": 8, "setembro": 9, "outubro": 10, "novembro": 11, "dezembro": 12},
    ),
    spelled_as=("de", "como"),
    symbols={"ponto": ".", "arroba": "@", "hífen": "-", "traço": "-", "barra": "/", "mais": "+", "vírgula": ","},
    fillers=("eh", "hum", "e", "depois", "então"),
    titles=("senhor", "senhora", "sr", "sra", "dona", "dr", "dra", "doutor", "doutora"),
    names_follow=(r"chamo-me|(?:o )?meu nome e|em nome de|nome ?:|titular ?:",),
    farewells=(r"(?:com os melhores )?cumprimentos|atenciosamente|(?:muito )?obrigad[oa]|um abraco",),
    not_names=("serviço", "cliente", "o", "a", "bom", "boa", "obrigado", "obrigada", "senhor", "senhora", "equipa", "de", "que", "não"),
    mailboxes=("info", "apoio", "apoiocliente", "clientes", "geral", "suporte", "vendas", "encomendas", "contacto", "contabilidade", "faturas", "faturacao", "reservas", "secretaria", "devolucoes", "loja", "sinistros", "reclamacoes", "avarias", "socios", "pecas"),
    examples=(r"por exemplo|p\. ?ex\.?",),
    samples=("exemplo",),
    ours=(r"apoio ao cliente|ligue-nos|contacte-nos|nosso (?:numero|telefone)|linha de apoio",),
    premises=(r"sede social|centro de (?:assistencia|devolucoes|distribuicao|reparacao)|departamento de devolucoes|(?:noss|voss|su)[oa] (?:[a-z'-]+ )?(?:loja|armazem|oficina|agencia|sede|farmacia|balcao)",),
    homes=(r"mor[ao]\w*|viv\w*|apartamento|casa|domicilio|por cima|em cima|debaixo|ao lado|junto|em frente|atras|perto|nao|em vez|clientes?|contrato|encomend\w*|compr\w*|fatura|queixa|reclam\w*|trabalh\w*|inquilin\w*|familia|entreg\w*|recolh\w*|pacote|marcacao|visita|contador|assinatura|conta|soci[oa]|destinatari[oa]|avaria\w*|fuga|mudanca|sinistro|morada|endereco|nov[ao]|alter\w*|reembols\w*",),
    mine=(r"eu|me|mim|meu|minha|lig(?:ue|uem|ar)-me",),
    lives_in=(r"(?:moro|moramos|vivo|vivemos|resido|mudei(?:-me)?|mudamos)(?: (?:agora|aqui))? (?:em|para)",),
    health=(
        r"diabet\w+|cancro|cancer|tumor(?:es)?|leucemia|linfoma|quimio(?:terapia)?|radioterapia|avc|infarto|enfarte|insuficiencia (?:cardiaca|renal)|pacemaker|"
        r"marca-?passo|hipertens\w+|(?:pressao|tensao) alta|trombose|embolia|asma|asmatic\w+|dpoc|pneumonia|epilep\w+|epilet\w+|parkinson|alzheimer|demencia|"
        r"esclerose multipla|depressao|deprimid[oa]|ansiedade|ataques? de panico|esquizofreni\w+|bipolar|autis\w+|espectro autista|tdah|anorexi\w+|bulimi\w+|"
        r"alcoolic\w+|vih|hiv|seropositiv\w+|hepatite|tuberculose|covid|artrite|artrose|osteoporose|fibromialgia|hernia (?:discal|de disco)|ciatica|eczema|"
        r"psoriase|crohn|celiac\w+|intoleran\w+ a lactose|alergi\w+|enxaquecas?|surd[oa]|surdez|ceg[oa]|invisual|glaucoma|cataratas|paralitic\w+|paraplegic\w+|"
        r"amputad[oa]|amputacao|cadeira de rodas|deficiente|deficiencia|acamad[oa]|gravida|aborto|dialise|hemodialise|transplant\w+|operad[oa]|incontinen\w+|"
        r"colostomia|insulina|lupus|endometriose|gripe|varicela|parti o (?:braco|pe|femur|pulso)|partiu o (?:braco|pe|femur|pulso|colo do femur)|muculman\w*|"
        r"catolic[oa]|evangelic[oa]|testemunha de jeova|jude[ua]|judia|budista|ateu|ateia|gay|homossexual|lesbica|bissexual|transgenero|sindicalizad[oa]|"
        r"filiad[oa] (?:no|na|ao) \w+|socio do sindicato",
    ),
    people=(
        r"eu|me|mim|meu|minha|meus|minhas|nos|noss\w+|ele|ela|seu|sua|dele|dela|tenho|tem|temos|sou|estou|sofr\w+|marido|mulher|espos[oa]|mae|pai|avo|filh[oa]|"
        r"crianca|irma[o]?|sogr[oa]|paciente|utente|diagnostic\w+|causa|depois|por|teve|tive",
    ),
)
