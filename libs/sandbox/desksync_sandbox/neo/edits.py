"""What a posted form makes of a schedule: a new one, a changed one, a changed occurrence, a series in two. Pure.

Fields that are not posted stay as they are, an empty field clears.
"""

from dataclasses import replace
from datetime import date

from desksync_sandbox.neo.errors import Invented, Refused, no_data
from desksync_sandbox.neo.posted import Posted
from desksync_sandbox.neo.rule import RULE_NAMES, Rule, before, days_of, last_possible, onward, rule_from
from desksync_sandbox.neo.schedule import LEVELS, LOOKS, OPTIONS, TEXTS, Occurrence, Schedule


def inserted(sid: str, sent: Posted, creator: str) -> Schedule:
    """Return a new schedule. Whoever calls has seen to it that `otherto` names somebody."""
    blank = Schedule(sid, date.max, date.max, "", "", creator, (), {})
    letter = sent.text("repeat")
    if letter != "r":
        sent.needed("startdate")
    if not letter and not sent.has("enddate"):
        sent = Posted({**sent.values, "enddate": sent.values["startdate"]})
    return revised(blank, sent)


def revised(old: Schedule, sent: Posted) -> Schedule:
    """Return a plain event or a whole series as the form changes it.

    Changing the rule or the start of a series drops the exceptions that no longer fit.
    """
    repeats = sent.text("repeat") if sent.has("repeat") else old.rule and old.rule.letter
    if not repeats:
        return _with_contents(_plain(old, sent), sent)
    rule = rule_from(sent, old.rule)
    start = _first(old, sent) if rule.letter != "r" else rule.dates[0]
    days = days_of(rule, start)
    if not days:
        raise Refused(Invented.SERIES_WITHOUT_DATE, "繰り返しの範囲に該当する日付がありません。", "enddate")
    exceptions = {day: value for day, value in old.exceptions.items() if day in set(days)}
    series = replace(old, first=days[0], last=last_possible(rule, days), rule=rule, exceptions=exceptions)
    return _with_contents(series, sent)


def revised_occurrence(occurrence: Occurrence, sent: Posted) -> Schedule:
    """Return what the form makes of one occurrence of a series: a schedule without a rule, under the series' `sid`."""
    return revised(_alone(occurrence), sent.without(*RULE_NAMES))


def split(series: Schedule, rule: Rule, day: date, new_sid: str) -> tuple[Schedule | None, Schedule]:
    """Return the series up to the day before and the one from that day on; `None` where nothing is left before."""
    ending = before(rule, series.first, day)
    earlier = {one: value for one, value in series.exceptions.items() if one < day}
    later = {one: value and replace(value, sid=new_sid) for one, value in series.exceptions.items() if one >= day}
    days = tuple(one for one in days_of(rule, series.first) if one < day)
    head = replace(series, rule=ending, exceptions=earlier, last=last_possible(ending, days)) if days else None
    tail = replace(series, sid=new_sid, first=day, rule=onward(rule, series.first, day), exceptions=later)
    return head if any(_shows(series, one) for one in days) else None, tail


def with_exception(series: Schedule, rule: Rule, day: date, value: Schedule | None) -> Schedule | None:
    """Return the series with one occurrence changed or taken out; `None` when no occurrence is left."""
    changed = replace(series, exceptions={**series.exceptions, day: value})
    return changed if any(_shows(changed, one) for one in days_of(rule, series.first)) else None


def without_person(schedule: Schedule, user_id: str) -> Schedule | None:
    """Take one user off a schedule and all its occurrences; `None` when nobody is left."""
    if user_id not in schedule.people():
        raise no_data()
    exceptions = {
        day: without_person(value, user_id) if value is not None and user_id in value.registered else value
        for day, value in schedule.exceptions.items()
    }
    kept = tuple(one for one in schedule.registered if one != user_id)
    left = replace(schedule, registered=kept, exceptions=exceptions)
    return left if left.people() else None


def occurrence_without(occurrence: Occurrence, user_id: str) -> Schedule | None:
    """Take one user off one occurrence of a series; `None` when nobody is left."""
    return without_person(_alone(occurrence), user_id)


def _alone(occurrence: Occurrence) -> Schedule:
    return replace(occurrence.value, first=occurrence.first, last=occurrence.last, rule=None, exceptions={})


def _shows(series: Schedule, day: date) -> bool:
    return series.exceptions.get(day, series) is not None


def _plain(old: Schedule, sent: Posted) -> Schedule:
    first = _first(old, sent)
    is_kept = old.rule is None and not sent.has("enddate")
    last = old.last if is_kept else sent.day("enddate") or first
    if last < first:
        raise Refused(Invented.BAD_ORDER, "終了日は開始日以降の日付を指定してください。", "enddate")
    return replace(old, first=first, last=last, rule=None, exceptions={})


def _first(old: Schedule, sent: Posted) -> date:
    if not sent.has("startdate"):
        return old.first
    sent.needed("startdate")
    return sent.day("startdate") or old.first


def _with_contents(schedule: Schedule, sent: Posted) -> Schedule:
    starttime = sent.time("starttime") if sent.has("starttime") else schedule.starttime
    endtime = sent.time("endtime") if sent.has("endtime") else schedule.endtime
    if endtime and not starttime:
        raise Refused(Invented.BAD_TIME, "終了時刻だけを指定することはできません。", "starttime")
    fields = {name: sent.text(name) if sent.has(name) else schedule.fields.get(name, "") for name in (*TEXTS, *OPTIONS, *LOOKS)}
    if not any(fields[name] not in ("", "--", "0") for name in (*TEXTS, *OPTIONS)):
        raise Refused(Invented.NOTHING_FILLED, "予定、予定詳細、場所、内容、オプションのいずれかを入力してください。", "detail")
    registered = sent.all("otherto") if sent.has("otherto") else schedule.registered
    if not registered:
        raise Refused(Invented.NOBODY_REGISTERED, "登録先を指定してください。", "otherto")
    return replace(
        schedule,
        starttime=starttime,
        endtime=endtime,
        fields=fields,
        registered=registered,
        level=sent.choice("public_level", LEVELS, "open") if sent.has("public_level") else schedule.level,
        permitted=sent.all("permit_user") if sent.has("permit_user") else schedule.permitted,
        facilities=sent.all("plant") if sent.has("plant") else schedule.facilities,
    )
