"""Tables as CSV files that spreadsheets open as they are: UTF-8 with its mark, and nothing in them that would be calculated."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from starlette.responses import Response, StreamingResponse

_CALCULATED = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
_ROWS_AT_ONCE = 200


def csv_response(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Send a file of that name. The rows are asked for while it is being sent, so that a long one needs no memory."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(written(heading, rows), media_type="text/csv; charset=utf-8", headers=headers)


def written(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the text of the file, some rows at a time."""
    out = StringIO()
    out.write(_BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(heading)
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if number % _ROWS_AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def cell(value: object) -> str:
    """Return a value as it stands in a cell. What a spreadsheet would take for a formula gets a quote in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_CALCULATED) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
