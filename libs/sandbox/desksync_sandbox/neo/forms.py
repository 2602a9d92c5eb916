"""Turns the form of the page for people into NEO's fields, and a schedule into what the form shows. Knows no HTTP."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from desksync_sandbox.neo.posted import Posted
from desksync_sandbox.neo.rule import Rule
from desksync_sandbox.neo.schedule import Occurrence

_TEXTS = ("event", "detail", "place", "other", "memo")
_FLAGS = ("reserve", "rankflg")


@dataclass(frozen=True, slots=True)
class Shown:
    """The values in the form; dates as `YYYY-MM-DD`, times as `HH:MM`, weekdays as numbers from 0, Monday."""

    startdate: str = ""
    enddate: str = ""
    starttime: str = ""
    endtime: str = ""
    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys((*_TEXTS, *_FLAGS), ""))
    public_level: str = "open"
    otherto: tuple[str, ...] = ()
    plant: tuple[str, ...] = ()
    repeat: str = ""
    interval: str = "1"
    weekdays: tuple[str, ...] = ()
    everyweek: str = ""
    rependtimes: str = ""
    until: str = ""
    dates: str = ""


def blank(day: date, clock: str, user_id: str) -> Shown:
    """Return an empty form for a day; a time fills one hour."""
    hour = int(clock[:2]) if clock else 0
    end = f"{min(hour + 1, 23):02}:00" if clock else ""
    return Shown(day.isoformat(), day.isoformat(), clock, end, otherto=(user_id,))


def shown(one: Occurrence, *, is_whole: bool) -> Shown:
    """Return the form of one occurrence, or of the whole schedule."""
    value = one.series if is_whole else one.value
    rule = value.rule if is_whole else None
    first = value.first if is_whole else one.first
    last = first if rule else one.last
    return Shown(
        startdate=first.isoformat(),
        enddate=last.isoformat(),
        starttime=_colon(value.starttime),
        endtime=_colon(value.endtime),
        texts={name: value.fields[name] for name in (*_TEXTS, *_FLAGS)},
        public_level=value.level,
        otherto=value.registered,
        plant=value.facilities,
        **_rule_values(rule),
    )


def _rule_values(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {
        "repeat": rule.letter,
        "interval": str(rule.interval),
        "weekdays": tuple(str(number) for number, mark in enumerate(rule.everyweekday) if mark == "1"),
        "everyweek": rule.everyweek,
        "rependtimes": str(rule.times or ""),
        "until": rule.until.isoformat() if rule.until else "",
        "dates": " ".join(day.isoformat() for day in rule.dates),
    }


def again(form: Posted) -> Shown:
    """Return the form as it was sent, so that a refused person need not type it again."""
    return Shown(
        **{name: form.text(name) for name in ("startdate", "enddate", "starttime", "endtime", "public_level", "repeat")},
        **{name: form.text(name) for name in ("interval", "everyweek", "rependtimes", "until", "dates")},
        texts={name: form.text(name) for name in (*_TEXTS, *_FLAGS)},
        otherto=form.all("otherto"),
        plant=form.all("plant"),
        weekdays=form.all("weekdays"),
    )


def to_neo(form: Posted, *, has_rule: bool) -> Posted:
    """Return the fields that NEO would be sent; without `has_rule` those of one occurrence."""
    values: dict[str, tuple[str, ...]] = {name: (form.text(name),) for name in (*_TEXTS, *_FLAGS, "public_level")}
    values["startdate"] = (form.text("startdate").replace("-", ""),)
    values["enddate"] = ((form.text("enddate") or form.text("startdate")).replace("-", ""),)
    values["starttime"] = (form.text("starttime").replace(":", ""),)
    values["endtime"] = (form.text("endtime").replace(":", ""),)
    values["otherto"] = form.all("otherto") or ("",)
    values["plant"] = form.all("plant") or ("",)
    if has_rule:
        values.update(_rule_fields(form))
    return Posted(values)


def _rule_fields(form: Posted) -> dict[str, tuple[str, ...]]:
    letter = form.text("repeat")
    if not letter:
        return {"repeat": ("",)}
    chosen = form.all("weekdays")
    return {
        "repeat": (letter,),
        "interval": (form.text("interval"),),
        "everyweek": (form.text("everyweek") if letter == "m" else "",),
        "everyweekday": ("".join("1" if str(day) in chosen else "0" for day in range(7)) if chosen else "",),
        "rependtimes": (form.text("rependtimes"),),
        "enddate": (form.text("until").replace("-", ""),),
        "dates": tuple(day.replace("-", "") for day in form.text("dates").split()) or ("",),
    }


def _colon(clock: str) -> str:
    return f"{clock[:2]}:{clock[2:]}" if clock else ""
