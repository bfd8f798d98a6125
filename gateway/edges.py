"""What stands between the gateway and each call platform, made from the settings; none that could not be safe."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr

from gateway.calls.audiocodes.edge import AudioCodesEdge
from gateway.calls.audiohook.signature import Verifier
from gateway.calls.fetching import AtPlatform, KnowsCalls, PlatformRecordings
from gateway.calls.jambonz.edge import JambonzEdge
from gateway.calls.jambonz.recordings import JambonzApi
from gateway.calls.links import Links
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.recordings import TwilioApi
from gateway.calls.vier.edge import VierEdge
from gateway.calls.vier.recordings import VierApi
from gateway.channel_kit import ChannelKit
from gateway.channels import GenesysEdge
from gateway.conversation import Signer
from gateway.errors import SettingsError
from gateway.notice.channel import Channel
from gateway.settings import Settings
from gateway.upstream import Upstream

TWILIO_SECONDS: Final = 13.0
"""How long a bot behind Twilio has: Twilio gives up after 15 (https://www.twilio.com/docs/usage/webhooks)."""
_SECRETS: Final = "SORDINO_PLATFORM_SECRETS or SORDINO_BOT_SECRETS"
_APIS: Final = {"twilio": "https://api.twilio.com", "vier": "https://cognitivevoice.io/v1"}


def genesys_edge(settings: Settings, name: str, channel: Channel) -> GenesysEdge | None:
    """Return the edge of a channel that speaks AudioHook. Raises SettingsError where it can't be safe."""
    if channel.connector != "audiohook":
        return None
    secret = settings.platform_secrets.get(name)
    try:
        verifier = Verifier(secret.get_secret_value() if secret is not None else "")
    except ValueError as error:
        raise SettingsError(f"{_SECRETS}, channel {name!r}: {error}") from None
    if not settings.public_url:
        raise SettingsError(f"the channel {name!r} speaks audiohook, which takes SORDINO_PUBLIC_URL")
    return GenesysEdge(verifier, settings.public_url)


def twilio_edge(settings: Settings, name: str, channel: Channel, upstream: Upstream) -> TwilioEdge | None:
    """Return the edge of a channel that speaks Twilio's protocol. Raises SettingsError where it can't be safe."""
    if channel.connector != "twilio":
        return None
    token = settings.platform_secrets.get(name)
    if token is None or not settings.public_url:
        raise SettingsError(
            f"the channel {name!r} speaks twilio, which takes SORDINO_PUBLIC_URL and SORDINO_PLATFORM_SECRETS"
        )
    return TwilioEdge(
        token, _links(settings, name, channel), in_time(upstream, channel), settings.bot_secrets.get(name)
    )


def jambonz_edge(settings: Settings, name: str, channel: Channel, upstream: Upstream) -> JambonzEdge | None:
    """Return the edge of a channel that speaks jambonz's protocol. Raises SettingsError where it can't be safe."""
    if channel.connector != "jambonz":
        return None
    try:
        links, bot = _links(settings, name, channel), settings.bot_secrets.get(name)
        return JambonzEdge(_secret(settings, name), links, upstream, bot)
    except ValueError as error:
        raise SettingsError(f"{_SECRETS}, channel {name!r}: {error}") from None


def audiocodes_edge(settings: Settings, name: str, channel: Channel, upstream: Upstream) -> AudioCodesEdge | None:
    """Return the edge of a channel that speaks AudioCodes' Bot API. Raises SettingsError where it can't be safe."""
    if channel.connector != "audiocodes":
        return None
    if not settings.public_url:
        raise SettingsError(f"the channel {name!r} speaks audiocodes, which takes SORDINO_PUBLIC_URL")
    try:
        links, bot = _links(settings, name, channel), settings.bot_secrets.get(name)
        return AudioCodesEdge(_secret(settings, name), links, upstream, bot)
    except ValueError as error:
        raise SettingsError(f"{_SECRETS}, channel {name!r}: {error}") from None


def vier_edge(settings: Settings, name: str, channel: Channel, upstream: Upstream) -> VierEdge | None:
    """Return the edge of a channel that speaks VIER's protocol. Raises SettingsError where it can't be safe."""
    if channel.connector != "vier":
        return None
    if not settings.public_url:
        raise SettingsError(f"the channel {name!r} speaks vier, which takes SORDINO_PUBLIC_URL")
    try:
        links, bot = _links(settings, name, channel), settings.bot_secrets.get(name)
        return VierEdge(_secret(settings, name), links, _api(settings, name, channel), upstream, bot)
    except ValueError as error:
        raise SettingsError(f"{_SECRETS}, channel {name!r}: {error}") from None


def bot_signer(settings: Settings, name: str, channel: Channel, edge: TwilioEdge | None) -> Signer | None:
    """Return what signs the requests to a channel's bot, or shows its secret; None where nothing is to be shown.

    A platform with a protocol of its own has the secret shown by its edge.
    """
    if edge is not None:
        return edge.signed
    secret = settings.bot_secrets.get(name)
    if secret is None or channel.connector not in {"audiohook", "calls"}:
        return None
    shown = {"Authorization": f"Bearer {secret.get_secret_value()}"}
    return lambda _url, _body: shown


def platform_recordings(
    settings: Settings, kit: ChannelKit, upstream: Upstream, calls: KnowsCalls
) -> PlatformRecordings | None:
    """Return the recordings that a channel's platform has made by itself; None where it hands none out."""
    name, platform = kit.name, _platform(settings, kit.name, kit.channel, upstream)
    if platform is None:
        return None
    show = kit.metrics.platform_recordings.labels(name).set
    return PlatformRecordings(name, platform, calls, kit.clock, kit.store.errands, show)


def _platform(settings: Settings, name: str, channel: Channel, upstream: Upstream) -> AtPlatform | None:
    if channel.connector == "twilio":
        return TwilioApi(_api(settings, name, channel), _secret(settings, name), upstream)
    if channel.connector == "jambonz":
        return _jambonz(settings, name, upstream)
    return VierApi(_api(settings, name, channel), upstream) if channel.connector == "vier" else None


def _jambonz(settings: Settings, name: str, upstream: Upstream) -> JambonzApi | None:
    """Return jambonz' API where the settings name it. Raises SettingsError for half of what it takes."""
    api, key = settings.platform_apis.get(name), settings.platform_api_keys.get(name)
    if (api is None) != (key is None):
        msg = f"the channel {name!r} takes both SORDINO_PLATFORM_APIS and SORDINO_PLATFORM_API_KEYS, or neither"
        raise SettingsError(msg)
    return None if api is None or key is None else JambonzApi(str(api), key, upstream)


def in_time(upstream: Upstream, channel: Channel) -> Upstream:
    """Return the client for a channel's bot: where the platform waits for so long and no longer, neither does it.

    The platform then plays its own fallback, and nothing of an answer that nobody hears has an effect here.
    """
    return upstream.within(TWILIO_SECONDS) if channel.connector == "twilio" else upstream


def _secret(settings: Settings, name: str) -> SecretStr:
    return settings.platform_secrets.get(name, SecretStr(""))


def _api(settings: Settings, name: str, channel: Channel) -> str:
    return str(settings.platform_apis.get(name, _APIS[channel.connector]))


def _links(settings: Settings, name: str, channel: Channel) -> Links:
    own = channel.call.bot_addresses if channel.call is not None else ()
    return Links(settings.public_url, name, str(settings.upstreams.get(name, channel.upstream or "")), own)
