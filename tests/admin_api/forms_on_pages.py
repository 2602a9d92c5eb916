"""Finds the forms on a page as a browser does, with what is filled in already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class FoundForm:
    """A form: where it goes, and what a browser would send. `files` are the fields that take a file."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        return f"{self.method} {self.action}"


def forms_in(page: str, address: str) -> list[FoundForm]:
    """Return the forms of a page at that address."""
    parser = _Parser(address)
    parser.feed(page)
    return parser.forms


class _Parser(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._address = address
        self._select = ""
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self._address, given.get("action", self._address))
            self.forms.append(FoundForm(urlsplit(action).path, given.get("method", "get").upper()))
            self._open = True
        elif self._open and given.get("name"):
            self._field(tag, given)
        if tag == "select":
            self._select = given.get("name", "")
        elif (
            tag == "option" and self._open and self._select and ("selected" in given or self._select not in self.forms[-1].values)
        ):
            self.forms[-1].values[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = ""

    def _field(self, tag: str, given: Mapping[str, str]) -> None:
        form, name, kind = self.forms[-1], given["name"], given.get("type", "text")
        if kind == "file":
            form.files.add(name)
        elif kind in {"radio", "checkbox"}:
            if "checked" in given:
                form.values[name] = given.get("value", "on")
            else:
                form.values.setdefault(name, "")
        elif tag in {"input", "textarea", "button"}:
            form.values[name] = given.get("value", "")
