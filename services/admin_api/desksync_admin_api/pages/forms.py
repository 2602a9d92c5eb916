"""What somebody has filled in and sent: checked to be a form of ours, and read into a model with a message for each field.

def save(caller: Administrating, filled: Filled, session: Writing, request: Request) -> Response:
wanted, wrong = filled.read(TokenForm)
if wanted is None:
return page(request, "token_new.html", 422, form=filled, wrong=wrong)
"""

from collections.abc import Mapping
from typing import Annotated, TypeVar
from unicodedata import category

from fastapi import Depends, Form, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.datastructures import UploadFile

from desksync_admin_api.access.csrf import is_right, token_of
from desksync_admin_api.access.who import Who
from desksync_admin_api.errors import FormTooOld
from desksync_admin_api.locale.texts import T, Text
from desksync_admin_api.web import TheWeb

M = TypeVar("M", bound=BaseModel)

LONGEST_TEXT = 2000
"""What one field may hold, unless its model says otherwise: in letters."""


class FieldError(ValueError):
    """What is wrong with a field, raised in a validator of a form's model."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.singular)
        self.text = text


def _one_line(text: str) -> str:
    if any(letter in "\r\n\t" for letter in text):
        raise FieldError(T("Please write this in one line."))
    return text


Line = Annotated[str, AfterValidator(_one_line)]
"""A text of one line: a name, an ID."""


Password = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A password, exactly as it was typed."""


class FormModel(BaseModel):
    """The model of a form: texts are stripped, and what the form does not know is ignored."""

    model_config = ConfigDict(str_strip_whitespace=True, str_max_length=LONGEST_TEXT, extra="ignore", hide_input_in_errors=True)


class FilledForm:
    """A form as it was sent. A field that is there several times gives a list."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def text(self, name: str, otherwise: str = "") -> str:
        """Return what a field holds; the last value where there are several."""
        several = self.several(name)
        return several[-1] if several else otherwise

    def several(self, name: str) -> list[str]:
        """Return all that a field holds, such as the boxes that were ticked."""
        value = self._values.get(name)
        return [one for one in _listed(value) if isinstance(one, str)]

    def file(self, name: str) -> UploadFile | None:
        """Return a file that was sent, `None` where none was chosen."""
        value = self._values.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def beginning(self, start: str) -> dict[str, str]:
        """Return the fields whose name begins so, by the rest of their name: one radio button for each user, for example."""
        return {name[len(start) :]: self.text(name) for name in self._values if name.startswith(start)}

    def read(self, model: type[M]) -> tuple[M | None, dict[str, Text]]:
        """Return the form as the model has it, or `None` and what is wrong with each field."""
        lists = {name for name, field in model.model_fields.items() if "list" in str(field.annotation)}
        given = {
            name: self.several(name) if name in lists else self.text(name)
            for name in model.model_fields
            if name in self._values or name in lists
        }
        odd = [name for name, value in given.items() if not all(_is_text(one) for one in _listed(value))]
        if odd:
            return None, {name: T("This cannot be used.") for name in odd}
        try:
            return model.model_validate(given), {}
        except ValidationError as problem:
            return None, {
                str(one["loc"][0] if one["loc"] else ""): _text_of(dict(one)) for one in problem.errors(include_url=False)
            }


class _Posted(BaseModel):
    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    csrf: str = ""


def filled(request: Request, web: TheWeb, caller: Who, posted: Annotated[_Posted, Form()]) -> FilledForm:
    """Return the form that was sent. Raises `FormTooOld` for one that was not made by us for this browser."""
    expected = token_of(request, caller, web.options)
    if expected is None or not is_right(posted.csrf, expected):
        raise FormTooOld
    return FilledForm(posted.model_extra or {})


Filled = Annotated[FilledForm, Depends(filled)]


def asked(request: Request) -> FilledForm:
    """Return the form of a search or a filter, which stands in the address. Empty fields are as good as none."""
    query = request.query_params
    return FilledForm({name: query.getlist(name) for name in query if any(query.getlist(name))})


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_text(value: object) -> bool:
    """Say whether it is what people type: with line ends and tabs, and with no other signs that control something."""
    return isinstance(value, str) and not any(category(letter) in {"Cc", "Cs"} for letter in value if letter not in "\r\n\t")


_WORDS: dict[str, Text] = {
    "missing": T("Please fill this in."),
    "string_too_short": T("Please fill this in."),
    "enum": T("Please choose one of what is offered."),
    "literal_error": T("Please choose one of what is offered."),
    "int_parsing": T("Please enter a number."),
    "float_parsing": T("Please enter a number."),
    "date_parsing": T("Please enter a date."),
    "date_from_datetime_parsing": T("Please enter a date."),
    "datetime_parsing": T("Please enter a date."),
    "datetime_from_date_parsing": T("Please enter a date."),
}
"""What is said about an error of pydantic, by its type."""


def _text_of(error: Mapping[str, object]) -> Text:
    context = error.get("ctx")
    found: Mapping[object, object] = context if isinstance(context, Mapping) else {}
    cause = found.get("error")
    if isinstance(cause, FieldError):
        return cause.text
    match error["type"]:
        case "string_too_long":
            most = found.get("max_length")
            number = most if isinstance(most, int) else 0
            return T("Please enter at most %(number)s character.", "Please enter at most %(number)s characters.", number)
        case "greater_than_equal":
            return T("Please enter at least %(least)s.", least=str(found.get("ge")))
        case "less_than_equal":
            return T("Please enter at most %(most)s.", most=str(found.get("le")))
        case other:
            return _WORDS.get(str(other), T("This cannot be used."))
