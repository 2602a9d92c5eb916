"""Renders a page in the caller's language, and leads on to the next one after a change. Knows no page in particular."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from desksync_admin_api.access.caller import Caller, nobody
from desksync_admin_api.access.cookies import LANGUAGE, TOLD, VISIT
from desksync_admin_api.access.csrf import token_of, token_of_visit
from desksync_admin_api.access.secret import new_secret
from desksync_admin_api.locale.catalogue import LANGUAGES, say, translations
from desksync_admin_api.locale.choice import accepted_by, language_of
from desksync_admin_api.locale.texts import Text
from desksync_admin_api.pages.navigation import entries_for
from desksync_admin_api.pages.static_files import address_of_static
from desksync_admin_api.pages.told import Told, read_told, written_told
from desksync_admin_api.web import the_web

FOLDER = Path(__file__).parent / "templates"


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return the page. Templates get `values`, and what every page needs: see `_given`."""
    web, caller = the_web(request), caller_of(request)
    language = language_for(request)
    visit = None if caller.is_signed_in or VISIT.read(request, web.options) else new_secret()
    csrf = token_of_visit(visit) if visit is not None else token_of(request, caller, web.options)
    told = read_told(TOLD.read(request, web.options))
    given = {
        "caller": caller,
        "language": language,
        "languages": LANGUAGES,
        "csrf": csrf or "",
        "told": told,
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "navigation": entries_for(caller, request.url.path),
        "zone": ZoneInfo(web.options.time_zone),
        "now": web.now(),
    }
    response = HTMLResponse(environment(language).get_template(template).render(**(given | values)), status)
    response.headers["content-language"] = language
    if visit is not None:
        VISIT.put(response, web.options, visit)
    if told:
        TOLD.drop(response, web.options)
    return response


def go(request: Request, to: str, told: Told | None = None) -> Response:
    """Lead on after a change, so that loading the next page again repeats nothing. That page says what is `told`, once."""
    response = RedirectResponse(to, status_code=303)
    if told is not None:
        TOLD.put(response, the_web(request).options, written_told([told]))
    return response


def caller_of(request: Request) -> Caller:
    """Return who is calling, as far as it was found out: for an error it may not have been."""
    return cast("Caller", getattr(request.state, "caller", None) or nobody())  # Starlette keeps it as Any.


def language_for(request: Request) -> str:
    """Return the language of the answer."""
    options = the_web(request).options
    return language_of(LANGUAGE.read(request, options), accepted_by(request), options.language)


def local_path(text: str | None, otherwise: str = "/") -> str:
    """Return where to go on, as the browser says it: only within these pages, whatever was put there."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return otherwise
    parts = urlsplit(text)
    return otherwise if parts.scheme or parts.netloc else text


@cache
def environment(language: str) -> Environment:
    """Return the templates in that language."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    known = translations(language)
    # The extension adds this method, which the type does not show.
    made.install_gettext_callables(known.gettext, known.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters["say"] = lambda text: say(language, text)
    made.filters["moment"] = lambda moment, zone: _moment(moment, zone, language)
    made.filters["clock"] = lambda moment, zone: format_time(moment.astimezone(zone), "short", locale=language)
    made.filters["span"] = lambda length: _span(length, language)
    made.filters["day"] = lambda day: _day(day, language)
    made.filters["number"] = lambda number: format_decimal(number, locale=language)
    made.filters["quoted"] = lambda text: quote(str(text), safe="")
    made.globals["static"] = address_of_static
    return made


def _moment(moment: datetime | None, zone: ZoneInfo, language: str) -> Markup | str:
    """Return an instant for people in their zone, and for machines in UTC."""
    if moment is None:
        return "–"
    shown = format_datetime(moment.astimezone(zone), "medium", locale=language)
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), shown)


def _span(length: timedelta, language: str) -> str:
    """Return a length of time for people, in its largest unit."""
    return format_timedelta(timedelta(seconds=round(length.total_seconds())), threshold=2, locale=language)


def _day(day: date | str, language: str) -> str:
    """Return a date for people; as a text it is one of a result that was kept."""
    return format_date(date.fromisoformat(day) if isinstance(day, str) else day, "medium", locale=language)


def said(request: Request, text: Text | str) -> str:
    """Return the words in the language of the request."""
    return say(language_for(request), text)
