"""What a full cycle did, for people as a table and for machines as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from desksync.store import runs
from desksync.sync.event import Side
from desksync_embedded.trial import Trial

SIGNS = {"created": "+", "updated": "~", "deleted": "−"}
KINDS = tuple(SIGNS)


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user's share: events that each side holds now, what was written (by `side_kind`), and how many errors there were.

    A series counts once. What lies outside the days that sync is not counted, because nobody compares it.
    """

    name: str
    neo: int
    google: int
    written: Mapping[str, int]
    errors: int
    mismatches: int


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One full cycle of everybody."""

    rows: Sequence[UserRow]
    seconds: float

    @property
    def mismatches(self) -> int:
        """Return how many appointments only one side holds."""
        return sum(row.mismatches for row in self.rows)

    @property
    def errors(self) -> int:
        """Return how many errors were written down."""
        return sum(row.errors for row in self.rows)

    @property
    def written(self) -> Counter[str]:
        """Return what was written, by side and kind."""
        total: Counter[str] = Counter()
        for row in self.rows:
            total.update(row.written)
        return total

    def for_machines(self) -> dict[str, object]:
        """Return the report as `desksync demo --once --json` prints it."""
        written = self.written
        return {
            "users": len(self.rows),
            "events": {"neo": sum(row.neo for row in self.rows), "google": sum(row.google for row in self.rows)},
            "actions": {side.value: {kind: written[f"{side}_{kind}"] for kind in KINDS} for side in Side},
            "mismatches": self.mismatches,
            "errors": self.errors,
            "seconds": round(self.seconds, 2),
        }


def report(trial: Trial, after_run: int, seconds: float) -> CycleReport:
    """Count what the runs after that number did, and compare both stand-ins."""
    differing = trial.differences()
    with trial.resources.begin() as session:
        done = [run for run in runs.list_runs(session, None, limit=1_000_000) if run.id > after_run]
    by_user: dict[int, Counter[str]] = {user_id: Counter() for user_id in trial.people}
    for run in done:
        by_user[run.user_id].update(run.counts)
    rows = []
    for user_id, person in trial.people.items():
        neo, google = trial.held(person)
        rows.append(
            UserRow(
                name=person.name,
                neo=len({item["sid"] for item in neo}),
                google=len({event.get("recurringEventId", event["id"]) for event in google}),
                written={f"{side}_{kind}": by_user[user_id][f"{side}_{kind}"] for side in Side for kind in KINDS},
                errors=by_user[user_id]["errors"],
                mismatches=len(differing.get(user_id, ())),
            )
        )
    return CycleReport(rows, seconds)


def table(cycle: CycleReport) -> Table:
    """Return the report for a terminal: a line per user and the sum."""
    shown = Table(
        title=f"One cycle: {len(cycle.rows)} people, {cycle.seconds:.1f} s",
        caption="+ created   ~ changed   − deleted     A series counts once where it is one, and each date where it is not.",
        header_style="bold",
        row_styles=("", "dim"),
    )
    shown.add_column("User")
    for heading in ("Events\nin NEO", "Events\non Google", "Written\nto NEO", "Written\nto Google", "Errors", "Differences"):
        shown.add_column(heading, justify="right")
    for row in cycle.rows:
        shown.add_row(row.name, *_cells(row.neo, row.google, row.written, row.errors, row.mismatches))
    shown.add_section()
    neo, google = sum(row.neo for row in cycle.rows), sum(row.google for row in cycle.rows)
    shown.add_row("Together", *_cells(neo, google, cycle.written, cycle.errors, cycle.mismatches), style="bold not dim")
    return shown


def writes_on(side: Side, counts: Mapping[str, int]) -> str:
    """Return what was written to that side, such as `+3 −1`; empty if nothing was."""
    return " ".join(f"{sign}{counts[name]}" for kind, sign in SIGNS.items() if counts.get(name := f"{side}_{kind}"))


def _cells(neo: int, google: int, written: Mapping[str, int], errors: int, mismatches: int) -> list[str]:
    return [str(neo), str(google), *(writes_on(side, written) or "–" for side in Side), _alarming(errors), _alarming(mismatches)]


def _alarming(number: int) -> str:
    return f"[red]{number}[/red]" if number else "0"
