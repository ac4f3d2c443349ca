"""The hand-over file (交接文件): codes in plain text leave the program here, once, and nowhere else.

Real campaigns are written sealed, under a passphrase (scrypt, then AES-256-GCM) or to the public key of the printers
(X25519, as sheets are sealed). Demo and rehearsal campaigns may be written plain, so that the simulator and the tour
can read them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from api.keys import key_of_hex, write_private
from api.settings import Settings
from survey_models.accounts.rules import check_password
from survey_models.ballots import sealing
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.tickets import reissue as tickets
from survey_models.tickets.codes import printed
from survey_models.tickets.reissue import Reissue
from survey_models.tickets.service import IssuedCode

COLUMNS = ("serial", "code", "stratum", "area", "kind", "point", "reserve")
_MAGIC, _TO_KEY = b"PINGYI-HAND-OVER-1\n", b"PINGYI-HAND-OVER-2\n"
_SALT, _NONCE = 16, 12
# 64 MiB and about a fifth of a second for each guess (RFC 7914; OWASP's first choice of parameters).
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**16, 8, 1


@dataclass(frozen=True)
class Line:
    """One card: serial number, printed code, stratum number, and the names a printer needs."""

    serial: int
    code: str = field(repr=False)
    stratum: int
    area: str
    kind: str
    point: str
    reserve: bool


def lines_of(
    issued: Iterable[IssuedCode], *, strata: Mapping[int, tuple[str, str]], points: Mapping[int, str]
) -> list[Line]:
    """The lines of freshly issued codes. ``strata``: area and kind by number; ``points``: name by number (0: none)."""
    return [
        Line(
            serial=item.serial,
            code=printed(item.code),
            stratum=item.stratum_no,
            area=strata[item.stratum_no][0],
            kind=strata[item.stratum_no][1],
            point=points.get(item.point_no, ""),
            reserve=item.reserve,
        )
        for item in issued
    ]


def write_plain(path: Path, lines: Iterable[Line], *, purpose: str) -> None:
    """Write the table readable, mode 0600. Raises ValueError for a real campaign, FileExistsError for a second time."""
    if purpose == Purpose.REAL:
        raise ValueError("the codes of a real campaign are written sealed only")
    write_private(path, _table(lines))


def read_plain(path: Path) -> list[Line]:
    """Read a plain table. Raises ``hand_over_missing``."""
    return lines_in(_content(path))


@dataclass(frozen=True)
class Lock:
    """Under what a table is sealed: a passphrase, or a public key of 32 bytes; one of the two."""

    passphrase: str | None = field(default=None, repr=False)
    public: bytes | None = None

    @classmethod
    def of(cls, passphrase: str | None, public: str | None) -> Lock:
        """From what a person gave; ``public``: 64 hex digits. Raises ``sealing_key_malformed``."""
        return cls(passphrase=passphrase, public=key_of_hex(public) if public else None)

    def seal(self, lines: Iterable[Line], *, name: str) -> bytes:
        """The sealed table. Raises ``password_weak``, ``sealing_key_malformed``."""
        if self.public is not None:
            return to_public_key(lines, self.public)
        return under_passphrase(lines, self.passphrase or "", name=name)


def reissue(
    session: Session, campaign_id: str, batch: int, *, lock: Lock, pepper: bytes, by: str, at: datetime
) -> tuple[Reissue, bytes]:
    """Issue a voided batch anew (重新生成) and seal its codes; the SHA-256 of what is given back is in the ledger."""
    made = tickets.reissue(session, campaign_id, batch, pepper=pepper, by=by, at=at)
    strata = {row.no: (row.area_name, row.kind_name) for row in campaigns.strata_of(session, campaign_id)}
    points = {row.no: row.name for row in campaigns.points_of(session, campaign_id)}
    sealed = lock.seal(lines_of(made.codes, strata=strata, points=points), name=campaign_id)
    tickets.handed_over(session, campaign_id, made, file=hashlib.sha256(sealed).hexdigest(), by=by, at=at)
    return made, sealed


def write_sealed(path: Path, lines: Iterable[Line], *, passphrase: str) -> None:
    """Write the table sealed under a passphrase. Raises ``password_weak``, FileExistsError for a second time."""
    write_private(path, under_passphrase(lines, passphrase, name=path.stem))


def under_passphrase(lines: Iterable[Line], passphrase: str, *, name: str) -> bytes:
    """The table sealed under a passphrase, which may not be made of ``name``. Raises ``password_weak``."""
    check_password(passphrase, name=name)
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    return _MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, _table(lines), _MAGIC)


def to_public_key(lines: Iterable[Line], public: bytes) -> bytes:
    """The table sealed to a public key (``pingyi mix key`` makes such pairs): nobody here can open it again.

    Raises ``sealing_key_malformed`` for 32 bytes that are no public key.
    """
    try:
        return _TO_KEY + sealing.seal(public, _table(lines), _TO_KEY)
    except ValueError:
        raise Problem("sealing_key_malformed") from None


def open_sealed(path: Path, *, passphrase: str) -> list[Line]:
    """Read a sealed table. Raises ``hand_over_missing``, and ValueError for a wrong passphrase or a changed file."""
    return open_content(_content(path), passphrase=passphrase)


def open_content(content: bytes, *, passphrase: str) -> list[Line]:
    """The lines of a file sealed under a passphrase, out of its bytes. Raises ValueError as ``open_sealed`` does."""
    rest = _sealed_part(content, _MAGIC)
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        return lines_in(AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, _MAGIC))
    except InvalidTag:
        raise ValueError("the passphrase is wrong, or the file was changed") from None


def open_with_key(path: Path, private: bytes) -> list[Line]:
    """Read a table sealed to a public key. Raises ``hand_over_missing``, and ValueError as ``open_sealed`` does."""
    return lines_in(sealing.open_sealed(private, _sealed_part(_content(path), _TO_KEY), _TO_KEY))


def is_sealed_to_key(path: Path) -> bool:
    """Whether a file was sealed to a public key. Raises ``hand_over_missing``."""
    return _content(path).startswith(_TO_KEY)


def is_sealed(path: Path) -> bool:
    """Whether a file is sealed, in either way. Raises ``hand_over_missing``."""
    return _content(path).startswith((_MAGIC, _TO_KEY))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Problem("hand_over_missing", path=str(path)) from None


def _sealed_part(content: bytes, magic: bytes) -> bytes:
    if not content.startswith(magic):
        raise ValueError("this is not a sealed hand-over file")
    return content[len(magic) :]


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(passphrase.encode())


def plain(lines: Iterable[Line]) -> bytes:
    """The table as CSV, for those who print."""
    return _table(lines)


def _table(lines: Iterable[Line]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([*(getattr(line, name) for name in COLUMNS[:-1]), int(line.reserve)])
    return text.getvalue().encode()


def lines_in(content: bytes) -> list[Line]:
    """The lines of a plain table. Raises ValueError, KeyError for another file."""
    return [
        Line(
            serial=int(row["serial"]),
            code=row["code"],
            stratum=int(row["stratum"]),
            area=row["area"],
            kind=row["kind"],
            point=row["point"],
            reserve=row["reserve"] == "1",
        )
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    ]


@dataclass(frozen=True)
class DemoFolder:
    """Where the plain files of one demo installation lie."""

    path: Path

    @property
    def passwords(self) -> Path:
        """First passwords, one ``name password`` a line."""
        return self.path / "passwords.txt"

    def codes(self, campaign_id: str) -> Path:
        """The plain hand-over file of a campaign."""
        return self.path / f"{campaign_id}-codes.csv"

    def tour(self, campaign_id: str) -> Path:
        """The codes kept for people who follow the tour, one a line."""
        return self.path / f"{campaign_id}-tour.txt"

    def truth(self, campaign_id: str) -> Path:
        """Where a simulation writes down what it drew from; a further run gets a number."""
        first = self.path / f"{campaign_id}-truth.json"
        return _free(first) if first.exists() else first

    def kept(self, campaign_id: str) -> list[str]:
        """The tour codes as printed; empty when the campaign has none."""
        path = self.tour(campaign_id)
        return path.read_text(encoding="utf-8").split() if path.exists() else []


def demo_folder(settings: Settings) -> DemoFolder:
    """``demo/`` in the data folder, or a folder in it for a further database: its codes are other codes."""
    base = settings.data_dir / "demo"
    mark = base / "database"
    if not mark.exists() or mark.read_text(encoding="utf-8").strip() == database_mark(settings):
        return DemoFolder(base)
    return DemoFolder(base / database_mark(settings))


def database_mark(settings: Settings) -> str:
    """A short name for the database in use, without its password."""
    if not settings.database_url:
        return "embedded"
    url = make_url(settings.database)
    place = f"{url.host}:{url.port}/{url.database}"
    return f"{url.get_backend_name()}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def set_aside(path: Path) -> None:
    """Rename a file that an unfinished or removed installation left, so that a new one may be written."""
    if path.exists():
        path.rename(_free(path))


def _free(path: Path) -> Path:
    number = 2
    while (found := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return found
