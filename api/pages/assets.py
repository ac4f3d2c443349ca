"""The files of kiosk/phone as the server sends them: the inline sheet with its hash, script and icon by content."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).resolve().parents[2] / "kiosk" / "phone"
PREFIX = "/static/phone/"


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
    """What a page needs: ``style`` stands inline, ``style_hash`` (``sha256-…``) goes into the policy that allows it."""

    style: Markup
    style_hash: str
    script: Asset
    verify: Asset
    icon: Asset

    @property
    def by_name(self) -> dict[str, Asset]:
        """The files that have an address of their own."""
        return {asset.name: asset for asset in (self.script, self.verify, self.icon)}


def _asset(file: Path, media_type: str) -> Asset:
    content = file.read_bytes()
    return Asset(f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}", media_type, content)


def load(folder: Path = FOLDER) -> Assets:
    """Read the files. Raises ValueError when the sheet could end its own element."""
    style = (folder / "phone.css").read_text(encoding="utf-8")
    if "</" in style:
        raise ValueError("the inline sheet must not hold '</'")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Assets(
        style=Markup(style),  # noqa: S704 - our own file, checked above
        style_hash=f"sha256-{digest}",
        script=_asset(folder / "enhance.js", "text/javascript; charset=utf-8"),
        verify=_asset(folder / "verify.js", "text/javascript; charset=utf-8"),
        icon=_asset(folder / "icon.svg", "image/svg+xml"),
    )


ASSETS = load()
