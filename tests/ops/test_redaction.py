import pytest

from desksync.ops.redaction import HIDDEN, is_hidden, redact, redact_field

SECRET = "hunter2hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"GET http://neo/zrconst.cgi?action=list_users&access_key={SECRET} failed",
        f"POST body access_key={SECRET}&action=login",
        f"accessKey={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"X-Desknets-Auth: {SECRET}",
        f"{{'x-desknets-auth': '{SECRET}', 'accept': '*/*'}}",
        f"bearer {SECRET}",
        f'{{"access_token": "{SECRET}", "expires_in": 3599}}',
        f'{{"refresh_token":"{SECRET}"}}',
        f"{{'client_secret': '{SECRET}'}}",
        f"token=ya29.{SECRET}",
        f"got ya29.a0-{SECRET}_x from Google",
        f"refresh with 1//0g{SECRET}",
        f"client GOCSPX-{SECRET}",
        f"jwt eyJhbGciOiJSUzI1NiJ9.{SECRET}.c2ln",
        f"postgresql+psycopg://desksync:{SECRET}@db/desksync",
        f"amqp://desksync:{SECRET}@mq:5672//",
        f"GET /oauth/callback?state=1&code={SECRET}&scope=x",
        f"login(password='{SECRET}')",
        f"events?syncToken={SECRET}&pageToken={SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_any_text(text: str) -> None:
    hidden = redact(text)

    assert "hunter2" not in hidden
    assert HIDDEN in hidden


@pytest.mark.parametrize(
    "text",
    [
        "ticket 12 settled, next stage push_google",
        "GET https://www.googleapis.com/calendar/v3/calendars/primary/events?maxResults=2500 answered 200",
        "amqp://mq:5672// is away",
        "NEO answered with status code 429, waiting 10 s",
        "12:30:00 monkey=5",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    assert redact(f"a=1&access_key={SECRET}&b=2") == f"a=1&access_key={HIDDEN}&b=2"
    assert redact(f"amqp://me:{SECRET}@mq:5672//") == f"amqp://me:{HIDDEN}@mq:5672//"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "token",
            "refresh_token",
            "accessToken",
            "access_key",
            "accessKey",
            "password",
            "client-secret",
            "Authorization",
            "code",
        ),
        *("secret_keys", "title", "event_title", "summary", "description", "location", "memo"),
    ],
)
def test_a_field_is_hidden_by_its_name_whatever_it_holds(name: str) -> None:
    assert redact_field(name, "harmless") == HIDDEN
    assert redact_field(name, ["harmless"]) == HIDDEN
    assert redact_field(name, {"a": "harmless"}) == HIDDEN


@pytest.mark.parametrize(
    "name", ["ticket_id", "user_id", "stage", "key_id", "routing_key", "status_code", "seconds", "entitled", "url"]
)
def test_other_fields_are_shown(name: str) -> None:
    assert not is_hidden(name)
    assert redact_field(name, "harmless") == "harmless"


def test_a_number_is_shown_under_any_name() -> None:
    assert redact_field("tokens", 3) == 3
    assert redact_field("has_token", value=True) is True
    assert redact_field("title", None) is None


def test_fields_inside_fields_are_hidden_too() -> None:
    shown = redact_field("answer", {"items": [{"summary": "面談", "id": "e1"}], "nextSyncToken": "abc"})

    assert shown == {"items": [{"summary": HIDDEN, "id": "e1"}], "nextSyncToken": HIDDEN}


def test_an_object_is_shown_as_text_without_its_secrets() -> None:
    shown = redact_field("error", ValueError(f"refused access_key={SECRET}"))

    assert shown == f"refused access_key={HIDDEN}"
