"""Writes the wire table as a page for people: `python -m desksync_neo_worker.wire_page > docs/neo-wire.md`."""

import sys

from desksync_neo_worker.wire import TABLE, Mark

_HEAD = """\
# Names on the wire to desknet's NEO

Made from `desksync_neo_worker/wire.py`, the only place that spells them. To fit another NEO, edit that file.

| mark | what it means |
| --- | --- |
"""

_MARKS = {
    Mark.DOCUMENTED: "stated on a page of the vendor, for this call or for AppSuite, its model",
    Mark.OBSERVED: "seen in the vendor's browser client or in working programs of others",
    Mark.THIRD_PARTY: "stated in a document of somebody else",
    Mark.INFERRED: "concluded from the names around it",
    Mark.ASSUMED: "our own assumption; ask the vendor",
}


def render() -> str:
    """Return the table as Markdown, ending with a line end."""
    marks = "".join(f"| {mark} | {meaning} |\n" for mark, meaning in _MARKS.items())
    return _HEAD + marks + "".join(_section(names) for names in TABLE)


def _section(names: type) -> str:
    rows = "".join(f"| `{name.value}` | {name.mark} | {name.meaning} |\n" for name in names)  # type: ignore[attr-defined]
    return f"\n## {names.__name__}\n\n{names.__doc__}\n\n| on the wire | mark | meaning |\n| --- | --- | --- |\n{rows}"


if __name__ == "__main__":
    sys.stdout.write(render())
