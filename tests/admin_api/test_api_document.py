"""The OpenAPI document: it is valid, leaves nothing out, and its examples are what its schemas say."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator

from tests.admin_api.api_calls import Api
from tests.admin_api.office import As, WebOffice
from tests.admin_api.walk import ROUTES

PATH = "/openapi.json"


@pytest.fixture
def document(office: WebOffice) -> dict[str, Any]:
    answer = Api(office, As.NOBODY).get(PATH)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def properties(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, schema in document["components"]["schemas"].items():
        for field, of_field in schema.get("properties", {}).items():
            yield name, field, of_field


def test_it_is_a_document_of_openapi(document: dict[str, Any]) -> None:
    read = OpenAPI.model_validate(document)

    assert read.openapi == "3.1.0"
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= names


def test_it_names_every_route_of_the_api_once_and_nothing_else(document: dict[str, Any]) -> None:
    of_api = {(method, path) for method, path in ROUTES if path.startswith("/api/v1/")}
    told = [(method, path) for method, path, _ in operations(document)]
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert set(told) == of_api - {("GET", "/api/v1/openapi.json")}
    assert len(ids) == len(set(ids))


def test_every_route_says_what_it_does_and_which_errors_it_answers_as_problems(document: dict[str, Any]) -> None:
    wrong = []
    for method, path, operation in operations(document):
        failures = {status: told for status, told in operation["responses"].items() if int(status) >= 400}
        are_problems = all(list(told["content"]) == ["application/problem+json"] for told in failures.values())
        if not (operation["description"] and operation["tags"] and "401" in failures and are_problems):
            wrong.append((method, path))

    assert wrong == []


def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        told = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert told == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_every_field_has_an_example_unless_its_type_says_enough(document: dict[str, Any]) -> None:
    def explains_itself(schema: dict[str, Any]) -> bool:
        if any(name in schema for name in ("examples", "enum", "$ref", "format")):
            return True
        if schema.get("type") == "array":
            return explains_itself(schema["items"])
        return any(explains_itself(one) for one in schema.get("anyOf", []))

    assert [(name, field) for name, field, schema in properties(document) if not explains_itself(schema)] == []


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    def check(schema: dict[str, Any], example: object) -> None:
        Draft202012Validator({**schema, "components": document["components"]}).validate(example)

    checked = 0
    for _, _, schema in properties(document):
        for example in schema.get("examples", []):
            check(schema, example)
            checked += 1
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            for example in parameter["schema"].get("examples", []):
                check(parameter["schema"], example)
                checked += 1
        for told in operation["responses"].values():
            for content in told["content"].values():
                for one in content.get("examples", {}).values():
                    check(content["schema"], one["value"])
                    checked += 1

    assert checked > 100
