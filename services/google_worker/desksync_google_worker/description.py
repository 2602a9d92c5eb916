"""A Google description: flattened from HTML, and parted from the block that names participants and facilities. Pure.

Google says that a description can contain HTML, and its web page writes some. NEO's memo is plain text (rule R21).
The block is ours: it shows who takes part without inviting anybody (rule R17), and people may type around and into it.
"""

import html
import re

from desksync.sync.text import DESCRIPTION_LIMIT, tidy

BLOCK_BEGIN = "―― NEO 参加者・設備 ――"
BLOCK_END = "―― NEO ここまで ――"

_BLOCK_LIMIT = DESCRIPTION_LIMIT // 5 - 100
"""Escaping makes a text at most five times as long, and the block is never what does not fit."""

_BREAKING = frozenset(
    {"p", "div", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "blockquote", "pre", "hr"}
)
_INLINE = frozenset(
    {
        "a",
        "b",
        "i",
        "u",
        "s",
        "em",
        "strong",
        "span",
        "font",
        "strike",
        "sub",
        "sup",
        "code",
        "small",
        "td",
        "th",
        "img",
        "html-blob",
    }
)
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>br|{'|'.join(sorted(_BREAKING | _INLINE, key=len, reverse=True))})(?P<rest>\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# Only entities that end in a semicolon: `?a=1&copy=2` is a link, not a copyright sign.
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)

_CLOSED_BLOCK = re.compile(rf"\s*{BLOCK_BEGIN}((?:(?!{BLOCK_BEGIN}).)*?){BLOCK_END}\s*", re.DOTALL)
_OPEN_BLOCK = re.compile(rf"\s*{BLOCK_BEGIN}(.*?)(?:\n[ \t]*\n\s*|(?={BLOCK_BEGIN})|\Z)", re.DOTALL)
_STRAY_END = re.compile(rf"\s*{BLOCK_END}\s*")
_GAP = "\n\n"
_RAW_GAP = r"(?:<br\s*/?>|&nbsp;|\s)*"
_RAW_BLOCK = re.compile(rf"{_RAW_GAP}{BLOCK_BEGIN}.*?(?:{BLOCK_END}{_RAW_GAP}|\Z)", re.DOTALL | re.IGNORECASE)


def flattened(raw: str) -> str:
    """Return the description as plain tidy text. Anything that only looks like a tag (`<taro@example.com>`) stays."""
    out: list[str] = []
    link = ""
    link_at = 0
    position = 0
    for tag in _TAG.finditer(raw):
        out.append(_plain(raw[position : tag.start()]))
        position = tag.end()
        name = tag["name"].lower()
        if name == "br":
            out.append("\n")
        elif name in _BREAKING:
            _break_line(out)
            if name == "li" and not tag["close"]:
                out.append("・")
        elif name == "a" and not tag["close"]:
            link, link_at = _address(tag["rest"] or ""), len(out)
        elif name == "a":
            if link and link not in "".join(out[link_at:]):
                out.append(f" ({link})")
            link = ""
    out.append(_plain(raw[position:]))
    return tidy("".join(out))


def is_rich(raw: str) -> bool:
    """Say whether flattening loses something (bold, lists, links), so that the text must not be written back (rule R21)."""
    return any(tag["name"].lower() != "br" for tag in _TAG.finditer(raw))


def parted(raw: str) -> tuple[str, str]:
    """Return the description without the block, and what the block says, one participant or facility a line.

    Where a person deleted the block's last line, it ends at the first blank line.
    """
    text = flattened(raw)
    found: list[str] = []

    def take(block: re.Match[str]) -> str:
        found.append(tidy(block[1]))
        return _GAP

    text = _CLOSED_BLOCK.sub(take, text)
    text = _OPEN_BLOCK.sub(take, text)
    text = _STRAY_END.sub(_GAP, text)
    return tidy(text), found[0] if found else ""


def joined(description: str, attendance: str) -> str:
    """Return what is written on Google: the description, then the block if there is anything to say, within Google's length.

    A text that Google's page would take for HTML is escaped, so that reading it again gives the same text.
    """
    text = parted(_encoded(description))[0]
    block = _block(attendance)
    written = _written(text, block)
    excess = len(written) - DESCRIPTION_LIMIT
    return written if excess <= 0 else _written(tidy(text[: max(0, len(text) - excess)]), block)


def with_block(raw: str, attendance: str) -> str:
    """Return a rich description with another block, leaving the rest of the HTML as the person made it."""
    rest = _RAW_BLOCK.sub("<br>", raw).removesuffix("<br>")
    if parted(rest)[1]:
        # The marks themselves were formatted, so that only the flattened text tells where the block is.
        return joined(parted(raw)[0], attendance)
    block = _escaped(_block(attendance))
    return "<br><br>".join(part for part in (rest, block) if part)


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]).replace("\xa0", " "), text)


def _break_line(out: list[str]) -> None:
    last = next((piece for piece in reversed(out) if piece), "\n")
    if not last.endswith("\n"):
        out.append("\n")


def _address(attributes: str) -> str:
    found = _HREF.search(attributes)
    return "" if found is None else html.unescape(next(group for group in found.groups() if group is not None))


def _written(text: str, block: str) -> str:
    return _encoded(_GAP.join(part for part in (text, block) if part))


def _encoded(text: str) -> str:
    return text if flattened(text) == tidy(text) else _escaped(text)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _block(attendance: str) -> str:
    lines = tidy(attendance)
    if not lines:
        return ""
    if len(lines) > _BLOCK_LIMIT:
        lines = lines[:_BLOCK_LIMIT].rpartition("\n")[0] + "\n…"
    return f"{BLOCK_BEGIN}\n{lines}\n{BLOCK_END}"
