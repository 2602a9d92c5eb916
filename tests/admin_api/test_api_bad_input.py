"""Sends nonsense in every parameter and every field of the API. A new route needs nothing here: its description is read."""

from typing import Any

from tests.admin_api.api_calls import PREFIX, Api
from tests.admin_api.office import WebOffice
from tests.admin_api.test_bad_input import NONSENSE
from tests.admin_api.walk import address

TEXTS = {kind: text for kind, text in NONSENSE.items() if kind != "half a character"} | {"the largest number": str(2**53 - 1)}
"""Half a character cannot be written in an address."""

VALUES: list[object] = [*NONSENSE.values(), None, True, -1, 2**70, 1.5, [], {}, ["x"], {"x": 1}]


def operations(api: Api, *methods: str) -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.get("/openapi.json").json()["paths"]
    return [(one, path, told[one]) for path, told in paths.items() for one in methods if one in told]


def test_nonsense_in_a_parameter_breaks_nothing_on_either_database(office_on_any: WebOffice) -> None:
    api, wrong, statuses = Api(office_on_any), [], set()
    for _, path, told in operations(api, "get"):
        there = address(office_on_any, path).removeprefix(PREFIX)
        for name in (one["name"] for one in told.get("parameters", []) if one["in"] == "query"):
            for kind, text in TEXTS.items():
                answer = api.get(there, **{name: text})
                statuses.add(answer.status_code)
                if answer.status_code not in {200, 404, 422}:
                    wrong.append((path, name, kind, answer.status_code))

    assert wrong == []
    assert statuses >= {200, 422}


def test_nonsense_in_a_field_is_refused_and_breaks_nothing(office: WebOffice) -> None:
    api, wrong, sent = Api(office), [], 0
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    for method, path, told in operations(api, "post", "put", "patch"):
        if "requestBody" not in told:
            continue
        there = address(office, path).removeprefix(PREFIX)
        name = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        good = {field: schema["examples"][0] for field, schema in schemas[name]["properties"].items()}
        for field in good:
            for value in VALUES:
                answer = api.send(method, there, good | {field: value}, {"if-match": "*"})
                sent += 1
                if answer.status_code >= 500:
                    wrong.append((path, field, value, answer.status_code))

    assert wrong == []
    assert sent > 100
