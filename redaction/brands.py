"""Makers, shops and services that customers speak of: names on things, not of people.

Only to doubt an uncertain name; where a title stands before it, or the model is sure, a person may
be called so.
"""

from __future__ import annotations

BRANDS = frozenset(
    "aeg acer adidas airbnb aldi alexa amazon android anker apple asus audi bauknecht beko bmw bose bosch braun brother canon casio chrome cisco citroen corsair "
    "dacia delonghi dell denon devolo dhl discord disney dpd dyson ebay ecovacs edeka electrolux epson eset facebook fairphone fiat firefox fitbit ford fritz fritzbox "
    "galaxy garmin geforce gigaset gls google gopro grundig haier hermes hisense honda honor hp huawei hyundai ikea imtron insta instagram intel ipad iphone jabra jbl "
    "jura karcher kaercher kenwood kia kindle kitchenaid klarna koenic kobo krups lego lenovo lg lidl linkedin linksys linux logitech macbook makita mastercard "
    "mazda mediamarkt medion mercedes microsoft miele mini mitsubishi motorola nespresso netflix netgear nike nikon nintendo nissan nivea nokia nvidia olympus "
    "oneplus opel oppo outlook panasonic paypal peugeot philips pioneer playstation pixel ps4 ps5 razer realme remington renault ring roborock roku rowenta rtx samsung "
    "sandisk saturn seagate seat senseo sharp shopify siemens signal sky skype skoda sonos sony spotify subaru surface suzuki switch synology tefal telegram tesla thermomix "
    "tiktok tomtom toshiba toyota twitch twitter uber ubuntu ups vesa viber visa vodafone volvo vorwerk vw volkswagen whatsapp whirlpool wiko windows xbox xiaomi xing "
    "yale yamaha youtube zalando zanussi zoom zyxel telekom o2 kpn ziggo odido proximus telenet orange bt virgin currys argos tesco bol coolblue wehkamp hema action "
    "safari wifi wlan bluetooth usb hdmi siri cortana chatgpt".split(),
)
