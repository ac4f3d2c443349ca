"""How long a text is (字数): one plain rule for what was typed and for .txt and .docx files.

Every character counts once, Chinese or not, punctuation included; spaces, line ends and what does not print do not. Of
a .docx the text of its body counts, tables included; headers, footers, notes and deleted text do not.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from xml.parsers import expat

from survey_models.core.errors import Problem
from survey_models.spreadsheets.read import decoded

BODY = "word/document.xml"
MOST_BYTES = 40 * 1024 * 1024
MOST_ENTRIES = 5_000
_TEXT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main t"
_SILENT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


def characters(text: str) -> int:
    """How many characters of ``text`` count."""
    return sum(unicodedata.category(char) not in _SILENT for char in unicodedata.normalize("NFC", text))


def characters_in(filename: str, content: bytes) -> int | None:
    """The characters of a .docx or .txt file by its name's ending; None for any other file.

    Raises ``upload_not_readable`` for one that is not what its name says, ``upload_wrong_encoding``.
    """
    ending = filename.rpartition(".")[2].casefold()
    if ending == "txt":
        return characters(decoded(content)[0])
    if ending == "docx":
        return characters(_body(content))
    return None


def _body(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > MOST_ENTRIES:
                raise Problem("upload_not_readable")
            with archive.open(BODY) as stream:
                # Sizes in the directory may lie: the meter is here.
                raw = stream.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Problem("upload_not_readable") from None
    if len(raw) > MOST_BYTES:
        raise Problem("upload_not_readable")
    return _texts(raw)


def _texts(raw: bytes) -> str:
    """The text elements of a document. A document type, with which entities could be declared, is refused."""
    found: list[str] = []
    depth = 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += name == _TEXT

    def end(name: str) -> None:
        nonlocal depth
        depth -= name == _TEXT

    def said(text: str) -> None:
        if depth:
            found.append(text)

    def refused(*_parts: object) -> None:
        raise Problem("upload_not_readable")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = said, refused
    try:
        parser.Parse(raw, True)  # noqa: FBT003 - expat takes it so
    except expat.ExpatError:
        raise Problem("upload_not_readable") from None
    return "".join(found)
