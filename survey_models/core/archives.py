"""Archives that leave the house: equal files give equal bytes, whenever and wherever they are packed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

# One instant for every file.
EPOCH = (1980, 1, 1, 0, 0, 0)


def archive(content: Mapping[str, bytes]) -> bytes:
    """The files by name as one ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as folder:
        for name, raw in sorted(content.items()):
            folder.writestr(zipfile.ZipInfo(name, EPOCH), raw, compress_type=zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpacked(raw: bytes) -> dict[str, bytes]:
    """The files of an archive by name. Raises ValueError for what is none, or names a file twice."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as folder:
            names = folder.namelist()
            if len(set(names)) != len(names):
                raise ValueError("two files of one name")
            return {name: folder.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ValueError("not a readable archive") from error
