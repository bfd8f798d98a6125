"""Deployment settings from the environment (`SORDINO_*`). What a controller promises stands in the notice, not here.

`docs/settings.md` lists them; a test holds the page and this module together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError, model_validator

from gateway.database_url import engine_of, place_of
from gateway.environment import PREFIX, given
from gateway.errors import SettingsError
from gateway.setting_kinds import (
    DatabaseUrl,
    DayPeriod,
    FileOrBucketUrl,
    FileUrl,
    Listen,
    Networks,
    Origins,
    RootKeyAddress,
)
from storage.errors import ProviderDownError

SHORTEST_TOKEN: Final = 16


class Settings(BaseModel):
    """One field a variable; the description is what `docs/settings.md` says of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    home: Path = Field(
        Path(".sordino"), description="Directory of the databases, the key file and the token; made with mode 0700."
    )
    database_url: DatabaseUrl = Field(
        "",
        description=(
            "URL of the sessions: `sqlite:///path` or `postgresql://user@host/database`;"
            " default: `sessions.db` (SQLite) in the home."
        ),
    )
    keys_url: DatabaseUrl = Field(
        "",
        description=(
            "URL of the wrapped keys, a database of its own on the same engine; default: `keys.db` in the home."
        ),
    )
    blobs_url: FileOrBucketUrl = Field(
        "",
        description="Where recordings go, sealed: `file:///absolute/directory` or `s3://bucket/prefix`; "
        "default: `blobs` in the home.",
    )
    blobs_endpoint: HttpUrl | None = Field(
        None, description="Address of an S3 server other than Amazon's: `https://s3.example.com`."
    )
    blobs_region: str = Field("", description="Region of the bucket; default: the AWS environment's.")
    blobs_access_key: str = Field(
        "", description="Access key id for the bucket; default: the AWS environment's, or this machine's role."
    )
    blobs_secret_key: SecretStr | None = Field(None, description="Secret access key that goes with it.")
    spool: FileUrl = Field(
        "",
        description="Where turns of open sessions wait, sealed, while the databases are away: `file:///directory` on a"
        " disk that outlives the process; default: nowhere.",
    )
    spool_bytes: int = Field(
        67_108_864, ge=65_536, description="How many bytes may wait there for one process; more is answered 503."
    )
    root_key: RootKeyAddress = Field(
        "",
        description="Where the root key is: `file:///absolute/path`, `openbao+https://host:8200/mount/key` or, "
        "for development, `env:NAME`; default: `root.key` in the home.",
    )
    root_key_token: SecretStr | None = Field(None, min_length=1, description="Token for OpenBao.")
    root_key_token_file: Path | None = Field(
        None, description="File with OpenBao's token, read for each request, in place of `SORDINO_ROOT_KEY_TOKEN`."
    )
    key_rotation: Literal["automatic", "manual"] = Field(
        "automatic",
        description="Whether the gateway replaces the root key when it is due, or leaves it to `sordino keys rotate`.",
    )
    ledger_sink: FileOrBucketUrl = Field(
        "",
        description=(
            "The ledger's sink: `file:///directory`, on another volume, or `s3://bucket/prefix`; default: `ledger` in "
            "the home."
        ),
    )
    ledger_key: FileUrl = Field(
        "",
        description="Key that signs the ledger: `file:///path`; default: `ledger.key` in the home, made with a store.",
    )
    key_backup_horizon: DayPeriod = Field(
        "P30D",
        description="How long backups of the wrapped keys open anything (ISO 8601); the root key is rotated so often.",
    )
    public_listen: Listen = Field(
        "127.0.0.1:8080",
        description="`host:port` of the public listener: channels, consent, ratings. Port 0 takes a free one.",
    )
    internal_listen: Listen = Field(
        "127.0.0.1:8081", description="`host:port` of the internal listener: sessions, metrics, health."
    )
    internal_token: SecretStr | None = Field(
        None,
        min_length=SHORTEST_TOKEN,
        description="Bootstrap token of the internal listener (roles dpo and admin), to create tokens with; default: "
        "`internal.token` in the home, made on first start; with an identity provider there is none unless it is set.",
    )
    desk_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#@]+)?$",
        description="Where browsers reach the internal listener, for the way back from the identity provider: "
        "`https://desk.shop.example`; default: the address that the browser asked for.",
    )
    desk_idle_seconds: float = Field(
        900.0, ge=60, le=86400, description="After what pause somebody who is signed in has to sign in again."
    )
    oidc_issuer: HttpUrl | None = Field(None, description="Identity provider (OpenID Connect) where people sign in.")
    oidc_client_id: str = Field("", description="Name under which the desk is registered there.")
    oidc_client_secret: SecretStr | None = Field(None, description="Secret that goes with it.")
    oidc_roles_claim: str = Field("roles", description="Claim that lists a person's roles.")
    oidc_roles: dict[str, Literal["agent", "auditor", "admin", "dpo"]] = Field(
        default_factory=dict,
        description='JSON object, value of the claim -> role: `{"privacy-team": "dpo"}`; default: as they are.',
    )
    upstreams: dict[str, HttpUrl] = Field(
        default_factory=dict,
        description='JSON object, channel -> base URL of its bot, in place of the notice\'s: `{"chatbot": "http://bot"}`.',
    )
    channel_secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, channel -> secret that its front end sends as `X-Sordino-Channel-Secret`.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$",
        description="Where customers and call platforms reach the public listener: `https://voice.shop.example`; "
        "platforms sign it.",
    )
    platform_secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, channel -> what its call platform signs with; see docs/calls.md.",
    )
    bot_secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, channel of calls -> what the gateway signs with for its bot, or shows it, in place of"
        " the call platform's own secret; see docs/calls.md.",
    )
    platform_keys: dict[str, str] = Field(
        default_factory=dict,
        description="JSON object, channel -> public key (PEM) by which its chat platform signs: Freshchat's.",
    )
    consent_keys: dict[str, str] = Field(
        default_factory=dict,
        description="JSON object, channel -> public key (PEM) by which the controller's site signs consents.",
    )
    platform_api_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, channel -> key of its call platform's API, where it takes one of its own: jambonz'.",
    )
    platform_apis: dict[str, HttpUrl] = Field(
        default_factory=dict,
        description="JSON object, channel -> base URL of its call platform's API; by default that of Twilio or VIER;"
        " jambonz' with its version, `https://jambonz.example/api/v1`.",
    )
    smtp_url: str = Field(
        "",
        pattern=r"^(smtp|smtps|smtp\+starttls)://[^\s/?#:@]+(@[^\s/?#:@]+)?(:\d{1,5})?$|^$",
        description="Mail server for one-time codes and answers to requests: `smtp+starttls://user@mail.example:587`.",
    )
    smtp_password: SecretStr | None = Field(None, description="Password that goes with the user of `SORDINO_SMTP_URL`.")
    mail_from: str = Field("", description="From whom mails come; default: the controller's mailbox in the notice.")
    letters_hook: HttpUrl | None = Field(
        None, description="Address that takes codes and letters as signed JSON, in place of a mail server."
    )
    hook_secret: SecretStr | None = Field(
        None, description="Secret that signs what goes to hooks and to addresses of recipients (HMAC-SHA256)."
    )
    allowed_origins: Origins = Field(
        (),
        description="Origins of web pages that may call the public listener from a browser, separated by commas: `https://shop.example`.",
    )
    public_tls_cert: Path | None = Field(
        None,
        description="Certificate of the public listener with those that signed it (PEM); read again when it changes.",
    )
    public_tls_key: Path | None = Field(None, description="Its key (PEM, without a password).")
    internal_tls_cert: Path | None = Field(None, description="Certificate of the internal listener, as above.")
    internal_tls_key: Path | None = Field(None, description="Its key.")
    upstream_tls_ca: Path | None = Field(
        None, description="Authorities that sign bots' certificates (PEM), beside those of the system."
    )
    upstream_tls_cert: Path | None = Field(
        None, description="Certificate that the gateway shows to bots which ask for one (mTLS)."
    )
    upstream_tls_key: Path | None = Field(None, description="Its key.")
    tls_reload_seconds: float = Field(
        10.0, gt=0, le=86400, description="Time between two looks at whether the files of certificates have changed."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Networks of the proxies in front, separated by commas: `10.0.0.0/8`; `X-Forwarded-For` counts"
        " from nobody else.",
    )
    max_streams_per_client: int = Field(
        100,
        ge=0,
        description="Most chat requests that one client's network (/24, /48) may have open; 0: any number."
        " Private networks and who shows the channel's secret are not counted.",
    )
    max_connections_per_bot: int = Field(
        512,
        ge=1,
        le=65536,
        description="Most connections of a process to one bot, calls' sockets among them; what is beyond waits.",
    )
    max_body_bytes: int = Field(
        1_048_576,
        ge=1024,
        le=64 * 1_048_576,
        description="Largest request body on the public listener, and largest plain answer of a bot, in bytes.",
    )
    max_message_characters: int = Field(
        20_000,
        ge=100,
        le=1_000_000,
        description="Longest message of a customer, in characters; other texts and a bot's answer: ten times as long.",
    )
    keep_alive_seconds: float = Field(
        75.0,
        gt=0,
        le=3600,
        description="Time that a connection may idle between requests, and that a later request's head has to arrive.",
    )
    body_seconds: float = Field(
        30.0,
        gt=0,
        le=600,
        description="Time that the first request of a connection, and every request's body, have to arrive.",
    )
    client_seconds: float = Field(
        30.0, gt=0, le=600, description="Longest time that a client may leave a streamed answer unread."
    )
    connect_seconds: float = Field(5.0, gt=0, le=60, description="Time to connect to a bot.")
    answer_seconds: float = Field(
        60.0, gt=0, le=3600, description="Time until a bot's answer begins, and the longest silence within it."
    )
    sweep_seconds: float = Field(
        60.0, gt=0, le=86400, description="Time between two sweeps that erase what has expired."
    )
    background_jobs: bool = Field(
        default=True,
        description="Whether this process may do what one process does for all: sweep, check promises, rotate, sign.",
    )
    prove_seconds: float = Field(
        3600.0, gt=0, description="Time between two checks of the notice's promises over the store."
    )
    prove_sample: int = Field(
        50, ge=0, description="How many stored transcripts each of these checks searches for personal data once more."
    )
    drain_seconds: float = Field(
        20.0, ge=0, le=600, description="Time that open requests have to end when the process is told to stop."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged. No level logs what was said."
    )
    traces_url: HttpUrl | None = Field(
        None,
        description="Where traces go (OTLP over HTTP): `http://collector:4318/v1/traces`; needs the extra `otel`.",
    )
    traces_sample: float = Field(
        1.0, ge=0, le=1, description="Share of exchanges that are traced, where no trusted proxy has decided."
    )
    traces_to_bots: bool = Field(
        default=False, description="Whether bots are sent `traceparent`, so that their spans join the trace."
    )

    @model_validator(mode="after")
    def _what_goes_together(self) -> Self:
        if bool(self.blobs_access_key) != (self.blobs_secret_key is not None):
            raise ValueError("SORDINO_BLOBS_ACCESS_KEY and SORDINO_BLOBS_SECRET_KEY go together")
        if len({self.oidc_issuer is None, not self.oidc_client_id, self.oidc_client_secret is None}) != 1:
            raise ValueError("SORDINO_OIDC_ISSUER, SORDINO_OIDC_CLIENT_ID and SORDINO_OIDC_CLIENT_SECRET go together")
        return self

    @model_validator(mode="after")
    def _tls_pairs(self) -> Self:
        for name in ("public", "internal", "upstream"):
            if (getattr(self, f"{name}_tls_cert") is None) != (getattr(self, f"{name}_tls_key") is None):
                raise ValueError(f"SORDINO_{name.upper()}_TLS_CERT and SORDINO_{name.upper()}_TLS_KEY go together")
        return self

    @property
    def sessions_url(self) -> str:
        """The URL of the sessions."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'sessions.db'}"

    @property
    def key_store_url(self) -> str:
        """The URL of the wrapped keys."""
        return self.keys_url or f"sqlite:///{self.home.absolute() / 'keys.db'}"

    @property
    def blobs_path(self) -> Path:
        """The directory of the blobs, unless they lie in a bucket."""
        return Path(self.blobs_url.removeprefix("file://")) if self.blobs_url else self.home.absolute() / "blobs"

    @property
    def spool_path(self) -> Path | None:
        """The directory of the spool, if there is to be one."""
        return Path(self.spool.removeprefix("file://")) if self.spool else None

    @property
    def root_key_address(self) -> str:
        """Where the root key is."""
        return self.root_key or f"file://{self.home.absolute() / 'root.key'}"

    @property
    def root_key_path(self) -> Path | None:
        """The file of the root key, if it is in one."""
        address = self.root_key_address
        return Path(address.removeprefix("file://")) if address.startswith("file://") else None

    def openbao_token(self) -> str:
        """Return the token for OpenBao as it is now. Raises ProviderDownError if its file can't be read."""
        if self.root_key_token_file is not None:
            try:
                return self.root_key_token_file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError):
                raise ProviderDownError("the file that SORDINO_ROOT_KEY_TOKEN_FILE names can't be read") from None
        return self.root_key_token.get_secret_value() if self.root_key_token is not None else ""

    @property
    def ledger_sink_path(self) -> Path:
        """The directory of the ledger's sink."""
        return Path(self.ledger_sink.removeprefix("file://")) if self.ledger_sink else self.home.absolute() / "ledger"

    @property
    def ledger_key_path(self) -> Path:
        """The file of the key that signs the ledger."""
        return Path(self.ledger_key.removeprefix("file://")) if self.ledger_key else self.home.absolute() / "ledger.key"


def load_settings(**overrides: object) -> Settings:
    """Read the environment. Raises SettingsError that names each wrong variable, never its value."""
    try:
        settings = Settings.model_validate(given(Settings.model_fields) | overrides)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        raise SettingsError("; ".join(_told(each["loc"], each["msg"]) for each in problems)) from None
    if settings.root_key.startswith("openbao") and not (settings.root_key_token or settings.root_key_token_file):
        raise SettingsError("OpenBao needs SORDINO_ROOT_KEY_TOKEN or SORDINO_ROOT_KEY_TOKEN_FILE")
    if settings.letters_hook is not None and len(hook_secret(settings)) < SHORTEST_TOKEN:
        raise SettingsError("SORDINO_LETTERS_HOOK needs SORDINO_HOOK_SECRET, of 16 characters or more")
    if engine_of(settings.sessions_url) != engine_of(settings.key_store_url):
        raise SettingsError("SORDINO_DATABASE_URL and SORDINO_KEYS_URL must be of one engine: set both for PostgreSQL")
    if place_of(settings.sessions_url) == place_of(settings.key_store_url):
        why = "a copy of the sessions must not hold their keys"
        raise SettingsError(f"SORDINO_DATABASE_URL and SORDINO_KEYS_URL must differ: {why}")
    return settings


def _told(place: tuple[int | str, ...], message: str) -> str:
    """Return what is wrong with a variable, or with how several go together; never a value."""
    what = message.removeprefix("Value error, ")
    field, *within = map(str, place or ("",))
    return f"{'.'.join([PREFIX + field.upper(), *within])}: {what}" if field else what


def ensure_home(settings: Settings) -> None:
    """Make the home directory, private to this user."""
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"SORDINO_HOME can't be made: {error.strerror}") from None
    if not os.access(settings.home, os.X_OK):
        raise SettingsError("SORDINO_HOME can't be opened: it is another user's")


def hook_secret(settings: Settings) -> str:
    """Return the secret that signs what goes to hooks; empty without one."""
    return "" if settings.hook_secret is None else settings.hook_secret.get_secret_value()
