"""The files of kiosk/phone as the server sends them: the inline sheet with its hash, script and icon by content."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).resolve().parents[2] / "kiosk" / "phone"
PREFIX = "/static/phone/"
_LITERAL = re.compile(r"('(?:\\.|[^'\\\n])*'|/(?![/* ])(?:\\.|\[[^\]\n]*\]|[^/\\\n])+/[gimuy]*)")
_SPACED = re.compile(r" ?([=+?:&|<>!*^,;{}()\[\]-]+) ?")
_BROKEN = re.compile(r"([;{,(])\n+|\n+(?=})")
_SCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class Asset:
    """A file that may be cached for ever, because its name changes with its content."""

    name: str
    media_type: str
    content: bytes

    @property
    def url(self) -> str:
        """Its address on this site."""
        return PREFIX + self.name


@dataclass(frozen=True)
class Assets:
    """What a page needs: ``style`` stands inline, ``style_hash`` (``sha256-…``) goes into the policy that allows it.

    ``aids`` (查找、朗读) is asked for by the first who wants it, ``point`` by the tablets of test points,
    ``inspect`` by an inspector's phone.
    """

    style: Markup
    style_hash: str
    script: Asset
    aids: Asset
    point: Asset
    point_style: Asset
    verify: Asset
    inspect: Asset
    icon: Asset

    @property
    def by_name(self) -> dict[str, Asset]:
        """The files that have an address of their own."""
        files = (self.script, self.aids, self.point, self.point_style, self.verify, self.inspect, self.icon)
        return {asset.name: asset for asset in files}


def _asset(file: Path, media_type: str, *, after: Path | None = None) -> Asset:
    """``after``: a file that goes before it in the same answer, so that a phone asks once."""
    content = b"".join(_content(part) for part in (after, file) if part is not None)
    return Asset(f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}", media_type, content)


def _content(file: Path) -> bytes:
    return tightened(file.read_text(encoding="utf-8")).encode() if file.suffix == ".js" else file.read_bytes()


def tightened(source: str) -> str:
    """Our own script without indentation, remarks, spaces: people find them in the file, a phone need not load them.

    A remark is a block that begins the file, or runs from ``//`` and a space to the end of a line. Strings and patterns
    stay as they are. A test reads both with a parser of ECMAScript and compares them token by token.
    """
    source = re.sub(r"^\s*/\*.*?\*/\s*", "", source, flags=re.DOTALL)
    source = re.sub(r"^\s+|\s*// .*$", "", source, flags=re.MULTILINE)
    parts = _LITERAL.split(source)
    return "".join(
        part if number % 2 else _BROKEN.sub(r"\1", _SPACED.sub(r"\1", part)) for number, part in enumerate(parts)
    )


def load(folder: Path = FOLDER) -> Assets:
    """Read the files. Raises ValueError when the sheet could end its own element."""
    style = (folder / "phone.css").read_text(encoding="utf-8").replace("\n", "")
    if "</" in style:
        raise ValueError("the inline sheet must not hold '</'")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Assets(
        style=Markup(style),  # noqa: S704 - our own file, checked above
        style_hash=f"sha256-{digest}",
        script=_asset(folder / "enhance.js", _SCRIPT, after=folder / "page.js"),
        aids=_asset(folder / "aids.js", _SCRIPT),
        point=_asset(folder / "point.js", _SCRIPT, after=folder / "box.js"),
        point_style=_asset(folder / "point.css", "text/css; charset=utf-8"),
        verify=_asset(folder / "verify.js", _SCRIPT),
        inspect=_asset(folder / "inspect.js", _SCRIPT),
        icon=_asset(folder / "icon.svg", "image/svg+xml"),
    )


ASSETS = load()
