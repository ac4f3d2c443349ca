"""The floor of the phone page (浏览器底线): ES2017, and of the platform only what kiosk/phone/floor.toml lists."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api.pages.assets import FOLDER, tightened

SCRIPTS = tuple(sorted(file.name for file in FOLDER.glob("*.js")))
_DECLARED = re.compile(r"^\s*(?:readonly |get |set |declare (?:var|function) )?([A-Za-z_]\w*)[?(:<]", re.MULTILINE)
READER = Path(__file__).with_name("script_floor.mjs")


def read_scripts(sources: dict[str, str]) -> dict[str, Any]:
    """What a parser of ECMAScript finds in them."""
    done = subprocess.run(["node", READER], input=json.dumps(sources), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@cache
def scripts() -> dict[str, Any]:
    """Every script as it is written, and as it is sent."""
    written = {name: (FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS}
    return read_scripts({**written, **{f"sent {name}": tightened(text) for name, text in written.items()}})


def floor() -> dict[str, Any]:
    """The committed list."""
    return tomllib.loads((FOLDER / "floor.toml").read_text(encoding="utf-8"))


@cache
def known_to_newest() -> frozenset[str]:
    """Every name that the newest browsers know, by the declarations that come with TypeScript."""
    folder = FOLDER.parent / "node_modules" / "typescript" / "lib"
    texts = [
        file.read_text(encoding="utf-8") for pattern in ("lib.dom*.ts", "lib.es*.ts") for file in folder.glob(pattern)
    ]
    return frozenset(name for text in texts for name in _DECLARED.findall(text))


def test_scripts_are_es2017() -> None:
    assert {name: scripts()[name]["faults"] for name in SCRIPTS if scripts()[name]["faults"]} == {}


@pytest.mark.parametrize(
    ("newer", "fault"),
    [
        ("a?.b", "?."),
        ("a ?? b", "??"),
        ("x = { ...a }", "object spread"),
        ("try { a(); } catch { b(); }", "catch without a name"),
        ("x = 10n", "BigInt"),
        ("import('a')", "import"),
        ("/(?<year>a)/.test(b)", "newer pattern"),
        ("class A { #b = 1; }", "#private"),
    ],
)
def test_newer_syntax_would_be_seen(newer: str, fault: str) -> None:
    assert fault in read_scripts({"new.js": newer})["new.js"]["faults"]


def test_what_is_sent_says_the_same_as_what_is_written() -> None:
    for name in SCRIPTS:
        assert scripts()[f"sent {name}"]["tokens"] == scripts()[name]["tokens"], name


def test_scripts_use_only_what_is_listed() -> None:
    listed = floor()["script"]
    platform = set(f"{listed['globals']} {listed['properties']}".split()) | set(listed["since"]) | set(listed["newer"])
    own = set(listed["own"].split())
    assert platform & own == set()
    assert {"replaceAll", "structuredClone", "replaceChildren"} <= known_to_newest() - platform
    for name in SCRIPTS:
        found = scripts()[name]
        assert set(found["globals"]) - platform == set(), name
        assert (set(found["names"]) & known_to_newest()) - platform - own == set(), name


def test_newer_ones_stand_behind_a_question() -> None:
    sources = {name: (FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS}
    for newer, question in floor()["script"]["newer"].items():
        users = [name for name in SCRIPTS if re.search(rf"\b{newer}\b", sources[name])]
        assert users, f"{newer} is used nowhere"
        assert [name for name in users if question not in sources[name]] == [], newer


def test_the_sheet_uses_only_what_is_listed() -> None:
    sheet, listed = (FOLDER / "phone.css").read_text(encoding="utf-8"), floor()["sheet"]
    newer = set(listed["newer"])
    bare = re.sub(r'"[^"]*"', "", sheet)
    selectors = re.sub(r"\{[^{}]*\}", "", re.sub(r"@media[^{]*", "", bare))
    found = {
        "properties": set(re.findall(r"(?<=[{;\n])(-?[a-z][a-z-]*)(?=:)", bare)),
        "functions": set(re.findall(r"(?<![:\w-])([a-z-]+)(?=\()", bare)),
        "selectors": set(re.findall(r"::?[a-z-]+", selectors)),
        "rules": set(re.findall(r"@[a-z-]+", bare)),
    }
    for kind, names in found.items():
        allowed = set(listed[kind].split()) | newer
        assert names - allowed == set(), kind
    features = set(re.findall(r"\((prefers-[a-z-]+|forced-colors)", bare))
    assert features <= newer
