"""Gateways for reminders (催办通道): one small interface. The file backend writes what another system sends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Way(StrEnum):
    """How people are reminded: to each telephone of a roster (短信), or to the group of a stratum (微信群)."""

    SMS = "sms"
    WECHAT = "wechat"


@dataclass(frozen=True)
class Message:
    """One reminder: a telephone number or the name of a group, and what it says. No code, no name of a person."""

    to: str
    text: str


@dataclass(frozen=True)
class Sent:
    """What a gateway took: how many messages, under which name, and the SHA-256 of what it was given."""

    messages: int
    name: str
    sha256: str


class Gateway(Protocol):
    """Whatever takes messages: a file here; a city's SMS or WeChat service may stand in its place."""

    def send(self, way: Way, name: str, messages: Sequence[Message]) -> Sent:
        """Take all messages or raise; ``name`` tells one sending from another."""


class FileGateway:
    """Writes each sending as JSON lines into ``folder``, readable by its owner alone, never over another file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, way: Way, name: str, messages: Sequence[Message]) -> Sent:
        """Write the file. Raises FileExistsError for a name that was used."""
        rows = [json.dumps({"to": one.to, "text": one.text}, ensure_ascii=False) for one in messages]
        content = "".join(f"{row}\n" for row in rows).encode()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{name}-{way.value}.jsonl"
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(content)
        return Sent(len(messages), path.name, hashlib.sha256(content).hexdigest())
