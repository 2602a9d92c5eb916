"""What is served as it is: style and script. Each address carries a hash of the content, so that browsers may keep it."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from desksync_admin_api.access.gate import Anybody
from desksync_admin_api.errors import NotFound

FOLDER = Path(__file__).parent / "static"
_KEPT = "public, max-age=31536000, immutable"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@cache
def address_of_static(name: str) -> str:
    """Return the address of a file. Raises `FileNotFoundError` for one that is not there: a template names it wrongly."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@router.get("/static/{_version}/{name}")
def static_file(_caller: Anybody, name: str, _version: str) -> FileResponse:
    """Send a file. The version is for the browser: there is one file only."""
    if name not in _names():
        raise NotFound
    kind = _TYPES[Path(name).suffix]
    return FileResponse(FOLDER / name, media_type=kind, headers={"cache-control": _KEPT})


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in _TYPES)
