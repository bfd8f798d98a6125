"""Open classes of words that a customer may use once: illnesses, beliefs, brands, public figures, parts of an address.

A few thousand conversations can't show them all; as bits of the gazetteer they let the network carry what it learned
with one over to the others. Written for this project, from general knowledge.
"""

from __future__ import annotations

HEALTH = (
    # de
    "krebs krebskrank brustkrebs lungenkrebs hautkrebs leukämie tumor chemo chemotherapie bestrahlung metastasen "
    "diabetes "
    "diabetiker diabetikerin zucker insulin insulinpumpe dialyse dialysepatient asthma asthmatiker copd lungenkrank "
    "sauerstoffgerät beatmungsgerät epilepsie epileptiker epileptikerin krampfanfall parkinson demenz dement alzheimer "
    "schlaganfall herzinfarkt herzkrank herzschrittmacher schrittmacher bypass herzfehler bluthochdruck blutverdünner "
    "thrombose rheuma rheumatisch arthrose arthritis gicht osteoporose bandscheibenvorfall bandscheibe hexenschuss "
    "multiple sklerose ms als rollstuhl rollator gehbehindert schwerbehindert schwerbehinderung behindert behinderung "
    "schwerbehindertenausweis pflegegrad pflegestufe pflegebedürftig gelähmt querschnittsgelähmt querschnittgelähmt "
    "amputiert prothese blind sehbehindert gehörlos taub schwerhörig hörgerät hörgeräte stumm legasthenie autismus "
    "autist autistisch asperger adhs depression depressionen depressiv burnout angststörung panikattacken panikattacke "
    "psychose psychisch schizophren schizophrenie bipolar borderline magersucht bulimie trauma posttraumatisch ptbs "
    "suizid suizidversuch alkoholiker alkoholsucht trockener suchtkrank entzug drogensucht substitution methadon "
    "schwanger schwangerschaft fehlgeburt risikoschwangerschaft hochschwanger kaiserschnitt stille unfruchtbar ivf "
    "hiv positiv aids hepatitis tuberkulose corona covid longcovid grippe operiert operation op hüft hüftop knieop "
    "hüftprothese kreuzbandriss beinbruch gebrochen fraktur gips reha krankenhaus klinik krankgeschrieben krank "
    "krankschreibung bettlägerig palliativ hospiz nierenkrank niereninsuffizienz nierentransplantation transplantiert "
    "leberzirrhose morbus crohn colitis zöliakie glutenunverträglichkeit laktoseintoleranz allergie allergisch "
    "allergiker erdnussallergie nussallergie hausstauballergie neurodermitis schuppenflechte psoriasis migräne "
    "tinnitus "
    "schwindel vertigo grauer grüner star glaukom makuladegeneration netzhaut fibromyalgie endometriose lupus "
    "mukoviszidose down syndrom trisomie sauerstoff inkontinenz inkontinent stoma katheter magensonde narkolepsie "
    "schlafapnoe cpap trans transgender transition hormontherapie intersexuell antidepressiva ritalin metformin "
    "cortison morphium betablocker antibiotikum "
    # en
    "cancer leukaemia leukemia lymphoma chemo chemotherapy radiotherapy diabetic diabetes insulin dialysis asthma "
    "asthmatic emphysema epilepsy epileptic seizures seizure parkinsons dementia alzheimers stroke heart attack angina "
    "pacemaker hypertension arthritis rheumatoid osteoporosis sciatica slipped sclerosis wheelchair crutches disabled "
    "disability paraplegic paralysed amputee prosthetic blind partially sighted deaf hearing aid aids dyslexic "
    "dyslexia "
    "autism autistic adhd aspergers depression depressed anxiety ptsd bipolar schizophrenia psychosis anorexia bulimia "
    "alcoholic rehab recovering addict sectioned suicidal pregnant pregnancy miscarriage miscarried ivf caesarean "
    "hiv hepatitis tuberculosis covid flu surgery operated hip replacement knee fracture broken hospital hospice "
    "palliative kidney transplant liver cirrhosis crohns colitis coeliac celiac lactose intolerant allergy allergic "
    "anaphylaxis epipen nut eczema psoriasis migraine migraines tinnitus glaucoma cataract macular fibromyalgia "
    "endometriosis lupus cystic fibrosis downs syndrome oxygen incontinence incontinent stoma colostomy catheter "
    "narcolepsy apnoea cpap housebound bedbound ill sick terminally carer disability pip transgender hormones "
    "antidepressants sertraline metformin warfarin steroids morphine menopause hysterectomy mastectomy me cfs copd "
    # nl
    "kanker borstkanker longkanker leukemie chemo bestraling suikerziekte diabeet diabetes insuline dialyse astma "
    "epilepsie parkinson dementie dement alzheimer beroerte herseninfarct tia hartaanval hartinfarct hartpatiënt "
    "pacemaker bloeddruk reuma reumatisch artrose hernia rolstoel rollator scootmobiel gehandicapt handicap invalide "
    "verlamd prothese blind slechtziend doof slechthorend gehoorapparaat dyslexie autisme autistisch depressie "
    "depressief burn-out overspannen angststoornis paniekaanvallen psychose bipolair anorexia alcoholist verslaafd "
    "zwanger zwangerschap miskraam keizersnede geopereerd operatie heupoperatie gebroken ziekenhuis revalidatie ziek "
    "ziekte bedlegerig palliatief nierpatiënt niertransplantatie allergie allergisch notenallergie coeliakie eczeem "
    "migraine tinnitus staar glaucoom fibromyalgie endometriose zuurstof incontinent stoma katheter apneu wao wajong "
    # fr it es pl tr pt ro
    "enceinte grossesse cancer diabète diabétique asthme asthmatique épilepsie épileptique dépression handicapé "
    "handicapée handicap fauteuil roulant aveugle malvoyant sourd sourde malentendant dialyse opéré opérée hospitalisé "
    "alzheimer avc infarctus chimio séropositif allergique allergie cœliaque malade maladie incinta gravidanza cancro "
    "tumore diabete diabetico diabetica asma epilessia depressione depressa disabile disabilità sedia rotelle cieco "
    "cieca sordo sorda dialisi operato operata ricoverato infarto ictus chemio allergico allergica celiaco celiaca "
    "malato malata malattia embarazada embarazo cáncer diabético diabética epilepsia depresión discapacidad "
    "discapacitado silla ruedas ciego ciega sorda diálisis operado operada hospitalizado celíaco celíaca enfermo "
    "enferma "
    "alérgico alérgica ciąża ciąży rak raka nowotwór cukrzyca cukrzycę cukrzycą astma astmę padaczka padaczkę depresja "
    "depresję niepełnosprawny niepełnosprawna niepełnosprawność wózku inwalidzkim niewidomy niewidoma niesłyszący "
    "głuchy "
    "dializy operacji operacja zawał zawale udar udarze chora chory choruje choruję alergia alergię uczulenie celiakia "
    "hamile hamileyim kanser şeker hastası diyabet astım epilepsi depresyon engelli tekerlekli sandalye görme işitme "
    "sağır diyaliz ameliyat ameliyatlı kalp krizi felç alerji alerjim çölyak hasta hastayım hastalığı grávida gravidez "
    "cancro diabético deficiente cadeira rodas cego surdo hemodiálise operada doente alérgica însărcinată gravidă "
    "cancer "
    "diabet astm epilepsie handicap scaun rotile nevăzător surd dializă operat bolnav bolnavă alergic alergie"
)
BELIEF = (
    "katholisch katholik katholikin evangelisch protestantisch orthodox muslim muslima muslimisch moslem islam jude "
    "jüdin "
    "jüdisch judentum hindu hinduistisch buddhist buddhistisch atheist atheistin konfessionslos zeugen jehovas "
    "christlich "
    "mennonit sikh koscher halal ramadan fasten kopftuch moschee synagoge kirchensteuer kirchenaustritt freimaurer "
    "gewerkschaft gewerkschaftsmitglied verdi igmetall igm betriebsrat cdu csu spd fdp grünen grüne linke linken afd "
    "bsw "
    "parteimitglied kommunist sozialist svp övp spö fpö neos schwul schwuler schwules lesbisch lesbe lesben bisexuell "
    "homosexuell homo queer asexuell nonbinär catholic protestant jewish jew muslim hindu sikh buddhist quaker mormon "
    "jehovahs witness christian kosher mosque synagogue union unison unite gmb labour tory tories conservative libdem "
    "ukip reform snp sinn féin dup republican democrat communist gay lesbian bisexual bi queer trans nonbinary "
    "katholiek protestants gereformeerd hervormd moslim joods jood hindoe boeddhist atheïst jehova getuige vakbond fnv "
    "cnv pvv vvd pvda cda groenlinks sgp bbb nva vooruit homoseksueel homo lesbisch biseksueel biseksuele catholique "
    "musulman musulmane juif juive protestante bouddhiste athée syndicat cgt cfdt syndiqué homosexuel homosexuelle gay "
    "lesbienne cattolico cattolica musulmano musulmana ebreo ebrea sindacato cgil cisl omosessuale católico católica "
    "judío judía sindicato ugt ccoo homosexual lesbiana katolik katoliczka muzułmanin żyd żydówka związek solidarność "
    "gej lesbijka pis müslüman alevi yahudi sendika eşcinsel akp chp ortodox penticostal baptist greco-catolic"
)
BRANDS = (
    "bosch siemens miele aeg bauknecht liebherr gorenje beko grundig neff constructa whirlpool indesit candy hoover "
    "electrolux samsung lg sony panasonic philips toshiba sharp telefunken loewe metz medion hisense tcl xiaomi huawei "
    "honor oppo oneplus realme motorola nokia apple iphone ipad macbook imac airpods watch google pixel nest fitbit "
    "amazon alexa echo kindle fire microsoft surface xbox windows playstation nintendo switch lenovo thinkpad dell "
    "asus "
    "acer hp hewlett packard canon pixma epson brother kyocera ricoh lexmark oki logitech razer corsair trust sandisk "
    "kingston seagate toshiba avm fritzbox fritz speedport tplink netgear linksys asus zyxel ubiquiti telekom vodafone "
    "o2 telefonica congstar aldi lidl rewe edeka penny netto dm rossmann müller saturn mediamarkt otto zalando ebay "
    "amazon ikea obi hornbach bauhaus toom hagebau poco höffner segmüller roller xxxlutz kika mömax dhl dpd hermes gls "
    "ups fedex postnl bpost evri yodel royal mail tesco sainsbury sainsburys asda morrisons waitrose argos currys "
    "boots superdrug john lewis marks spencer next primark halfords screwfix bol coolblue albert heijn jumbo kruidvat "
    "blokker hema gamma praxis karwei wehkamp dyson kärcher vorwerk kobold thermomix rowenta tefal krups delonghi "
    "melitta jura saeco nespresso dolce gusto kenwood kitchenaid braun remington babyliss oralb severin unold wmf "
    "zwilling "
    "fissler silit leifheit vileda rowenta roomba irobot ecovacs roborock dreame makita dewalt hilti metabo einhell "
    "stihl husqvarna gardena wolf black decker stanley weber rösle fender gibson yamaha kawai roland casio steinway "
    "bechstein bang olufsen bose sonos teufel jbl sennheiser beats marshall harman kardon denon pioneer onkyo marantz "
    "volkswagen golf polo passat tiguan audi bmw mercedes benz opel corsa astra ford focus fiesta toyota corolla honda "
    "civic mazda nissan renault clio peugeot citroën seat ibiza leon skoda octavia fabia hyundai kia volvo tesla dacia "
    "fiat panda alfa romeo vespa piaggio yamaha suzuki kawasaki ducati harley davidson kalkhoff gazelle batavus cube "
    "canyon giant trek specialized brompton shimano bafang nike adidas puma reebok asics salomon jack wolfskin vaude "
    "fjällräven patagonia levis wrangler hugo boss tommy hilfiger calvin klein ralph lauren gucci prada louis vuitton "
    "chanel dior yves saint laurent hermès swarovski pandora thomas sabo fossil rolex casio seiko garmin tomtom lego "
    "playmobil ravensburger schleich barbie steiff hasbro mattel haribo milka lindt nutella nivea loreal maybelline "
    "dove "
    "ritter rittersport dr oetker knorr maggi miracoli barilla wagner vaillant viessmann buderus junkers wolf stiebel "
    "eltron grohe hansgrohe villeroy boch duravit geberit ideal standard ariston daikin mitsubishi vorwerk emma casper "
    "billy pax malm kallax hemnes ektorp klippan expedit lack besta stokke maxi cosi cybex joie britax römer bugaboo "
    "paypal klarna visa mastercard maestro amex american express sparkasse commerzbank deutsche postbank ing diba dkb "
    "n26 comdirect revolut wise barclays lloyds hsbc natwest santander monzo starling rabobank abn amro sns bunq kbc "
    "belfius argenta netflix spotify disney sky dazn waipu magenta zattoo ziggo kpn odido tmobile telenet proximus bt "
    "virgin media talktalk ee giffgaff eon vattenfall enbw rwe essent eneco nuon octopus edf gas"
)
FAMOUS = (
    "goethe schiller mozart beethoven bach einstein merkel scholz merz kohl brandt adenauer bismarck luther grönemeyer "
    "lindenberg fischer gottschalk raab böhmermann lanz jauch schumacher vettel beckenbauer neuer klopp messi ronaldo "
    "neymar mbappé haaland federer nadal djokovic taylor swift beyoncé rihanna adele sheeran bowie jagger elvis "
    "presley "
    "beatles lennon madonna shakira potter hermine hermione granger dumbledore gandalf frodo sauron skywalker luke "
    "vader "
    "yoda leia batman superman spiderman elsa olaf anna mickey mouse donald duck minnie peppa pikachu mario luigi "
    "zelda "
    "sherlock holmes poirot marple bond shakespeare dickens austen churchill thatcher johnson starmer trump biden "
    "obama "
    "putin zelensky macron rutte wilders picasso dali monet rembrandt vermeer vangogh gogh mondriaan pippi langstrumpf "
    "michel lönneberga conni bibi blocksberg benjamin blümchen nijntje miffy sinterklaas santa claus nikolaus osterhase"
)
ADDRESS = (
    "straße strasse str weg gasse allee platz ring damm ufer steig chaussee pfad markt brücke tor hof kamp graben wall "
    "straat laan plein gracht kade dreef singel steenweg dijk pad hof lei baan street road lane avenue drive close "
    "crescent court place terrace grove gardens square mews row hill way walk view park green rise st rd ave ln dr rue "
    "boulevard bd chemin impasse allée quai via viale piazza corso vicolo largo ulica ul aleja al plac osiedle os "
    "sokak sok cadde cad caddesi sokağı mahallesi mah bulvarı calle avenida avda plaza paseo rua travessa largo strada "
    "bulevardul aleea str bloc sc ap"
)
DWELLING = (
    "hausnummer hausnr wohnung whg stock stiege tür top etage og eg dg hinterhaus vorderhaus hinterhof seitenflügel "
    "hinterhaus links rechts mitte erdgeschoss dachgeschoss zimmer appartement apartment packstation postfach paketbox "
    "c/o adresszusatz huisnummer bus verdieping toevoeging appartement postbus flat apt floor unit suite house cottage "
    "building basement studio room po box farm barn lodge bât bâtiment étage appt escalier interno int scala piano "
    "klatka mieszkanie m lok lokal piętro daire kat kapı blok no piso puerta escalera portal andar bloco"
)
COMPANY = (
    "gmbh ag kg ohg gbr ug ev mbh ltd limited plc llp inc corp bv nv vof bvba sa sarl srl spa sl sas sp zoo as aş "
    "söhne sons zonen cie co praxis kanzlei apotheke bäckerei metzgerei fleischerei autohaus möbelhaus tischlerei "
    "schreinerei steuerberater solicitors bakery pharmacy butchers garage bakkerij apotheek slagerij notaris stiftung "
    "verein schule grundschule gymnasium kita kindergarten universität hochschule school college church kirche"
)
COUNTRY = (
    "deutschland österreich schweiz niederlande holland belgien frankreich italien spanien polen türkei england irland "
    "schottland wales europa germany austria switzerland netherlands belgium france italy spain poland turkey ireland "
    "scotland britain uk usa america duitsland oostenrijk zwitserland nederland belgië frankrijk italië spanje "
    "engeland "
    "ierland allemagne autriche suisse espagne germania austria svizzera niemcy austria almanya avusturya alemania "
    "dänemark schweden norwegen finnland tschechien ungarn rumänien bulgarien griechenland kroatien serbien ukraine "
    "russland china japan indien syrien iran irak afghanistan portugal luxemburg bayern hessen sachsen thüringen "
    "niedersachsen brandenburg saarland tirol kärnten steiermark vorarlberg zeeland friesland drenthe gelderland "
    "limburg "
    "brabant vlaanderen cornwall devon kent yorkshire surrey essex ulster munster leinster connacht"
)
WEEKDAY = (
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute gestern morgen vorgestern übermorgen "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun today tomorrow "
    "yesterday maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag gisteren lundi mardi mercredi jeudi "
    "vendredi samedi dimanche lunedì martedì mercoledì giovedì venerdì sabato domenica poniedziałek wtorek środa "
    "czwartek piątek sobota niedziela pazartesi salı çarşamba perşembe cuma cumartesi pazar lunes martes miércoles "
    "jueves "
    "viernes sábado domingo"
)
UNIT = (
    "euro euros eur cent cents pfund pound pounds quid pence franken rappen złoty złotych lira tl lei prozent percent "
    "procent grad degrees uhr stunden stunde minuten minute tage tag wochen woche monate monat jahre jahr hours hour "
    "minutes days day weeks week months month years year uur dagen dag weken week maanden maand jaar kilo kg gramm "
    "liter "
    "meter cm mm zoll inch watt volt ampere gb mb tb mbit ghz stück pieces stuks mal times keer x heures jours "
    "semaines "
    "mois ans ore giorni settimane mesi anni godzin dni tygodni miesięcy lat saat gün hafta ay yıl horas días semanas "
    "meses "
    "años"
)
CLASSES = {
    "health": HEALTH,
    "belief": BELIEF,
    "brand": BRANDS,
    "famous": FAMOUS,
    "address": ADDRESS,
    "dwelling": DWELLING,
    "company": COMPANY,
    "country": COUNTRY,
    "weekday": WEEKDAY,
    "unit": UNIT,
}
