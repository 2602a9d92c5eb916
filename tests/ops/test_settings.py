from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desksync.ops.secrets import make_key
from desksync.ops.settings import Settings
from desksync.ops.settings_loading import SettingsError, given_from_outside, load_settings, own_settings, variable


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine that runs the tests may be set up to run DeskSync, or have a `.env` file."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_newcomer_needs_no_setting_at_all() -> None:
    settings = load_settings()

    assert settings.database_url.startswith("sqlite:///")
    assert settings.broker_url == "memory://"
    assert settings.sync_interval == timedelta(minutes=10)
    assert settings.error_limit == 120
    assert settings.error_period == timedelta(hours=24)
    assert settings.time_zone == ZoneInfo("Asia/Tokyo")


def test_a_variable_sets_and_an_argument_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_SYNC_INTERVAL", "2m")
    monkeypatch.setenv("DESKSYNC_ERROR_LIMIT", "7")

    settings = load_settings(error_limit=9)

    assert settings.sync_interval == timedelta(minutes=2)
    assert settings.error_limit == 9


def test_a_secret_file_sets_and_a_variable_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "DESKSYNC_NEO_ACCESS_KEY").write_text("from-the-file\n")
    (tmp_path / "DESKSYNC_LANGUAGE").write_text("en")
    monkeypatch.setenv("DESKSYNC_LANGUAGE", "ja")

    settings = load_settings(secrets_folder=tmp_path)

    assert settings.neo_access_key is not None
    assert settings.neo_access_key.get_secret_value() == "from-the-file"
    assert settings.language == "ja"


def test_an_empty_secret_file_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "DESKSYNC_NEO_ACCESS_KEY").write_text("\n")
    (tmp_path / "DESKSYNC_GOOGLE_CLIENT_SECRET").write_text("")

    settings = load_settings(secrets_folder=tmp_path)

    assert settings.neo_access_key is None
    assert settings.google_client_secret is None


def test_a_secret_file_that_cannot_be_read_is_named_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "DESKSYNC_LANGUAGE").write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError) as caught:
        load_settings(secrets_folder=tmp_path)

    assert str(tmp_path) in str(caught.value)
    assert '"language"' in str(caught.value)


def test_an_env_file_is_not_read_by_itself(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DESKSYNC_ERROR_LIMIT=7\n")

    assert load_settings().error_limit == 120


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_NEO_BASE_URL", "")

    assert load_settings().neo_base_url is None


def test_keys_are_read_newest_first_from_commas_or_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    newest, middle, oldest = make_key(), make_key(), make_key()
    monkeypatch.setenv("DESKSYNC_SECRET_KEYS", f"{newest}, {middle}\n{oldest}\n")

    keys = load_settings().secret_keys

    assert [key.id for key in keys] == [text.partition(":")[0] for text in (newest, middle, oldest)]


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("SYNC_INTERVAL", "soon", "is no length of time"),
        ("SYNC_INTERVAL", "0", "must be longer than nothing"),
        ("ERROR_LIMIT", "0", "greater than or equal to 1"),
        ("ERROR_LIMIT", "many", "valid integer"),
        ("TIME_ZONE", "Asia/Tokio", "invalid timezone"),
        ("LANGUAGE", "fr", "'ja' or 'en'"),
        ("NEO_BASE_URL", "neo.example.co.jp", "is no web address"),
        ("DATABASE_URL", "mysql://db/x", "must begin with sqlite:/// or postgresql://"),
        ("BROKER_URL", "amqp://a;redis://b", "must begin with memory://, amqp:// or amqps://"),
        ("HTTP_PORT", "70000", "less than or equal to 65535"),
        ("SECRET_KEYS", "nocolon", "with a colon between"),
        ("SECRET_KEYS", "k1:not base64", "not base64"),
        ("SECRET_KEYS", "k1:c2hvcnQ=", "5 bytes instead of 32"),
        ("LOG_FORMAT", "xml", "'auto', 'json' or 'text'"),
    ],
)
def test_a_wrong_setting_is_one_line_with_name_fault_and_example(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wrong: str
) -> None:
    monkeypatch.setenv(f"DESKSYNC_{name}", value)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"DESKSYNC_{name}: ")
    assert wrong in line
    assert f"for example DESKSYNC_{name}=" in line


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_ERROR_LIMIT", "many")
    monkeypatch.setenv("DESKSYNC_HISTORY_DAYS", "-1")
    monkeypatch.setenv("DESKSYNC_SYNC_INTERVALL", "600")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert len(str(caught.value).splitlines()) == 3


def test_a_missing_setting_is_named_with_an_example() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(required=("neo_base_url", "secret_keys"))

    first, second = str(caught.value).splitlines()
    assert first.startswith("DESKSYNC_NEO_BASE_URL: is not set; for example DESKSYNC_NEO_BASE_URL=https://")
    assert second.startswith("DESKSYNC_SECRET_KEYS: is not set; for example")


@pytest.mark.parametrize("name", ["DESKSYNC_SYNC_INTERVALL", "desksync_sync_intervall"])
def test_an_unknown_variable_is_named_with_the_nearest_known_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "600")

    with pytest.raises(SettingsError, match=r"^DESKSYNC_SYNC_INTERVALL: .*did you mean DESKSYNC_SYNC_INTERVAL\?$"):
        load_settings()


def test_an_unknown_secret_file_is_named_but_a_strangers_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "DESKSYNC_NEO_ACCES_KEY").write_text("x")
    (tmp_path / "another_programs_secret").write_text("x")

    with pytest.raises(SettingsError) as caught:
        load_settings(secrets_folder=tmp_path)

    assert str(caught.value) == "DESKSYNC_NEO_ACCES_KEY: there is no such setting; did you mean DESKSYNC_NEO_ACCESS_KEY?"


def test_an_unknown_argument_is_named_like_a_variable() -> None:
    with pytest.raises(SettingsError, match="DESKSYNC_ERROR_LIMITS: there is no such setting"):
        load_settings(error_limits=3)


def test_what_kubernetes_and_the_test_suite_set_is_nobodys_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_WEB_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("DESKSYNC_WEB_SERVICE_PORT_HTTP", "80")
    monkeypatch.setenv("DESKSYNC_WEB_PORT", "tcp://10.0.0.1:80")
    monkeypatch.setenv("DESKSYNC_WEB_PORT_80_TCP", "tcp://10.0.0.1:80")
    monkeypatch.setenv("DESKSYNC_WEB_PORT_80_TCP_ADDR", "10.0.0.1")
    monkeypatch.setenv("DESKSYNC_TEST_DATABASE_URL", "postgresql://x")

    assert load_settings().http_port == 8000


def test_neither_errors_nor_repr_show_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_DATABASE_URL", "mysql://desksync:hunter2@db/x")
    monkeypatch.setenv("DESKSYNC_SECRET_KEYS", "k1:hunter2")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_repr_of_settings_shows_no_secret() -> None:
    key = make_key()

    settings = load_settings(
        database_url="postgresql://desksync:hunter2@db/x",
        broker_url="amqp://desksync:hunter2@mq",
        neo_access_key="hunter2",
        google_client_secret="hunter2",
        secret_keys=key,
    )

    shown = repr(settings) + str(settings) + repr(settings.secret_keys)
    assert "hunter2" not in shown
    assert key.partition(":")[2] not in shown


@pytest.mark.parametrize("field", [name for name in Settings.model_fields if name != "secret_keys"])
def test_every_example_is_accepted(field: str) -> None:
    (example,) = Settings.model_fields[field].examples or []

    settings = load_settings(**{field: example})

    assert getattr(settings, field) is not None


def test_the_example_of_a_key_works_for_nobody() -> None:
    (example,) = Settings.model_fields["secret_keys"].examples or []

    with pytest.raises(SettingsError):
        load_settings(secret_keys=example)


def test_settings_of_its_own_come_from_arguments_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSYNC_ERROR_LIMIT", "7")
    monkeypatch.setenv("DESKSYNC_LANGUAGE", "tlh")

    settings = own_settings(sync_interval="2m")

    assert (settings.error_limit, settings.language, settings.sync_interval) == (120, "ja", timedelta(minutes=2))


def test_a_wrong_setting_of_its_own_is_told_like_any_other() -> None:
    with pytest.raises(SettingsError, match=r"DESKSYNC_SYNC_INTERVAL: .*; for example"):
        own_settings(sync_interval="now and then")


def test_what_comes_from_outside_is_named_without_what_others_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "DESKSYNC_NEO_ACCESS_KEY").write_text("from-the-file")
    (tmp_path / "another").write_text("somebody else's")
    monkeypatch.setenv("DESKSYNC_SYNC_INTERVALL", "2m")
    monkeypatch.setenv("DESKSYNC_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("DESKSYNC_TEST_FAULTS_SEED", "1")

    names = given_from_outside(secrets_folder=tmp_path)

    assert names == ["DESKSYNC_NEO_ACCESS_KEY", "DESKSYNC_SYNC_INTERVALL"]
