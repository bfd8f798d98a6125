import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.bootstrap import internal_token
from gateway.environment import PREFIX
from gateway.errors import SettingsError
from gateway.setting_kinds import bucket_of, parse_listen
from gateway.settings import Settings, ensure_home, load_settings

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SORDINO_HOME", str(tmp_path / "home"))


def test_the_page_lists_every_setting_with_its_default() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{PREFIX}")]
    expected = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory is not None or field.default in (None, "", ()) else f"`{field.default}`"
        expected.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    assert rows == expected


def test_an_unknown_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORDINO_DATABSE_URL", "sqlite:///secret-place")
    with pytest.raises(SettingsError, match="SORDINO_DATABSE_URL") as caught:
        load_settings()
    assert "secret-place" not in str(caught.value)


def test_a_variable_in_small_letters_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("sordino_max_body_bytes", "2048")
    with pytest.raises(SettingsError, match="sordino_max_body_bytes"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_LISTEN", "8080"),
        ("PUBLIC_LISTEN", "host:99999"),
        ("ROOT_KEY", "s3cr3t"),
        ("ROOT_KEY", "openbao+http://s3cr3t.example/transit/k"),
        ("ROOT_KEY", "openbao+https://s3cr3t.example/transit/k"),
        ("KEY_BACKUP_HORIZON", "PT1H"),
        ("KEY_BACKUP_HORIZON", "s3cr3t"),
        ("MAX_BODY_BYTES", "17"),
        ("UPSTREAMS", '{"chatbot": "ftp://bot-geheim"}'),
        ("UPSTREAMS", "no-json-geheim"),
        ("INTERNAL_TOKEN", "short"),
        ("DATABASE_URL", "foo"),
        ("DATABASE_URL", "postgresql://anna:geheim@db"),
        ("KEYS_URL", "postgresql://anna:geheim@db/sordino"),
        ("KEYS_URL", "sqlite://geheim"),
        ("LEDGER_SINK", "ledger-geheim"),
        ("LEDGER_SINK", "s3://Not_A_Bucket/geheim"),
        ("BLOBS_URL", "blobs-geheim"),
        ("BLOBS_URL", "s3://Not_A_Bucket/geheim"),
        ("BLOBS_ENDPOINT", "ftp://geheim"),
        ("BLOBS_SECRET_KEY", "geheim"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CONSENT_KEYS", "no-json", "SORDINO_CONSENT_KEYS: must be JSON, on one line"),
        ("PUBLIC_LISTEN", "8080", "SORDINO_PUBLIC_LISTEN: must be host:port with a port from 0 to 65535"),
        (
            "UPSTREAMS",
            '{"shop": "x"}',
            "SORDINO_UPSTREAMS.shop: Input should be a valid URL, relative URL without a base",
        ),
        ("PUBLIC_TLS_KEY", "x.pem", "SORDINO_PUBLIC_TLS_CERT and SORDINO_PUBLIC_TLS_KEY go together"),
    ],
)
def test_what_is_wrong_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == told


def test_a_home_of_another_user_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="SORDINO_HOME can't be made"):
        ensure_home(load_settings())


@pytest.mark.parametrize("other", ["x.db", "./x.db", "y/../x.db", "y//../x.db", "link/x.db"])
def test_sessions_and_keys_must_not_share_a_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: str
) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setenv("SORDINO_DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("SORDINO_KEYS_URL", f"sqlite:///{tmp_path}/{other}")
    with pytest.raises(SettingsError, match="must differ"):
        load_settings()


def test_sessions_and_keys_must_be_of_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORDINO_DATABASE_URL", "postgresql://anna:geheim@db/x")
    with pytest.raises(SettingsError, match="one engine: set both") as caught:
        load_settings()
    assert "geheim" not in str(caught.value)


def test_gateways_that_start_at_once_have_one_internal_token() -> None:
    settings = load_settings()
    ensure_home(settings)
    with ThreadPoolExecutor(16) as threads:
        tokens = set(threads.map(internal_token, [settings] * 64))
    assert len(tokens) == 1
    assert [path.name for path in settings.home.iterdir()] == ["internal.token"]


def test_the_internal_token_is_made_once_and_private() -> None:
    settings = load_settings()
    ensure_home(settings)
    token = internal_token(settings)
    assert len(token) > 40
    assert internal_token(settings) == token
    mode = stat.S_IMODE((settings.home / "internal.token").stat().st_mode)
    assert mode == 0o600
    assert token not in repr(settings)


@pytest.mark.parametrize("written", ["", "kurz-42", "\xe4" * 20])
def test_a_token_file_that_can_not_be_used_is_told(written: str) -> None:
    settings = load_settings()
    ensure_home(settings)
    (settings.home / "internal.token").write_text(written, encoding="latin-1")
    with pytest.raises(SettingsError, match="in SORDINO_HOME") as caught:
        internal_token(settings)
    assert not written or written not in str(caught.value)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORDINO_ALLOWED_ORIGINS", "https://shop.example, https://www.shop.example/")
    assert load_settings().allowed_origins == ("https://shop.example", "https://www.shop.example")


def test_listen_addresses() -> None:
    assert parse_listen("127.0.0.1:80") == ("127.0.0.1", 80)
    assert parse_listen("[::1]:0") == ("::1", 0)


def test_blobs_lie_in_a_directory_or_in_a_bucket(tmp_path: Path) -> None:
    assert load_settings().blobs_path == tmp_path / "home" / "blobs"
    assert load_settings(blobs_url="file:///srv/blobs").blobs_path == Path("/srv/blobs")
    assert bucket_of("file:///srv/blobs") is None
    assert bucket_of("s3://calls") == ("calls", "")
    assert bucket_of("s3://calls/a/b") == ("calls", "a/b")
