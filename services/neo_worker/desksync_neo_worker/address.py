"""Where NEO's calls are, from the address that people know. Knows no call and no key."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PROGRAM = re.compile(r"[^/]+(\.cgi|\.exe)", re.IGNORECASE)
_EXAMPLE = "for example https://neo.example.com/cgi-bin/dneo/dneo.cgi"


@dataclass(frozen=True, slots=True)
class NeoAddress:
    """A NEO, by the folder of its programs and their extension."""

    folder: str
    extension: str

    def of(self, module: str) -> str:
        """Return the URL of a module: NEO's own address with the file name replaced (NEO common API)."""
        return f"{self.folder}{module}{self.extension}"


def parse_address(text: str) -> NeoAddress:
    """Read NEO's own address, as it stands in the browser. What follows the program (`?page`, `#part`) does not count.

    Programs end in `.cgi` (Linux, cloud) or `.exe` (Windows). Raises `ValueError` with a sentence for the administrator.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"NEO's address is not a URL ({error}); {_EXAMPLE}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"NEO's address must begin with https:// or http:// and a host name; {_EXAMPLE}.")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"NEO's address must not hold a user name or a password; {_EXAMPLE}.")
    segments = parts.path.split("/")
    place = next((number for number, segment in enumerate(segments) if _PROGRAM.fullmatch(segment)), None)
    if place is None:
        raise ValueError(f"NEO's address must lead to its program, which ends in .cgi or .exe; {_EXAMPLE}.")
    extension = segments[place][-len(".cgi") :]
    where = f"[{host}]" if ":" in host else host
    folder = "/".join(segments[:place])
    return NeoAddress(f"{parts.scheme}://{where}{'' if port is None else f':{port}'}{folder}/", extension)
