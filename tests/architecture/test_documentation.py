"""What the product can say or be told is written down, and what is written down exists."""

import ast
import re
from collections.abc import Iterator

import pytest
from typer.main import get_command

from api.cli import app
from api.settings import Settings
from survey_models.core.catalogue import CATALOGUE
from survey_models.ledger.events import Event
from tests.architecture.tree import ROOT, dotted, files, parsed, sources, strings

PREFIX = Settings.model_config["env_prefix"]
# Read by the tests alone; the product knows nothing of them.
TEST_SETTINGS = {"PINGYI_TEST_PG_DSN", "PINGYI_TEST_PG_BIN", "PINGYI_BUDGET"}


def page(name: str) -> str:
    """One page of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def documented(text: str) -> set[str]:
    """Every word that a page sets in code letters."""
    return set(re.findall(r"`([^`\n]+)`", text))


def environment_names() -> set[str]:
    """The settings as they stand in the environment."""
    return {f"{PREFIX}{name}".upper() for name in Settings.model_fields}


def commands(command: object, *, path: str = "pingyi") -> Iterator[str]:
    """Every command that a person can type, groups left out."""
    inner: dict[str, object] | None = getattr(command, "commands", None)
    if inner is None:
        yield path
    else:
        for name, below in inner.items():
            yield from commands(below, path=f"{path} {name}")


def raised_codes(tree: ast.Module) -> set[str]:
    """The codes that a module gives to `Problem` by name."""
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "Problem"
    ]
    first = [call.args[0] for call in calls if call.args]
    return {node.value for node in first if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def members_used(tree: ast.Module, name: str) -> set[str]:
    """`MEMBER` of every `name.MEMBER` in a module."""
    spelled = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {word.split(".")[-1] for word in spelled if word.split(".")[-2:-1] == [name]}


def test_every_setting_is_documented() -> None:
    assert environment_names() - documented(page("settings.md")) == set()


def test_every_documented_setting_exists() -> None:
    named = set(re.findall(r"\bPINGYI_[A-Z_]+\b", "\n".join(all_prose())))
    assert named - environment_names() - TEST_SETTINGS == set()


def test_every_error_is_documented() -> None:
    assert set(CATALOGUE) - documented(page("errors.md")) == set()


def test_every_error_is_raised_somewhere() -> None:
    spoken = {word for path in sources("api", "survey_models") for word in strings(parsed(path))}
    assert set(CATALOGUE) - spoken == set()


def test_every_raised_error_is_in_the_catalogue() -> None:
    raised = {code for path in sources("api", "survey_models") for code in raised_codes(parsed(path))}
    assert raised
    assert raised - set(CATALOGUE) == set()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_an_error_speaks_both_languages(code: str) -> None:
    entry = CATALOGUE[code]
    assert 400 <= entry.status < 600
    for sentence in (entry.zh, entry.next_zh):
        assert re.search(r"[\u4e00-\u9fff]", sentence), sentence
    for sentence in (entry.title, entry.en, entry.next_en):
        assert sentence
        assert re.search(r"[A-Za-z]", sentence), sentence
    blanks = re.compile(r"\{(\w+)\}")
    # What fills a blank with words comes in both languages: {why} and {why_en}.
    assert set(blanks.findall(entry.zh)) == {name.removesuffix("_en") for name in blanks.findall(entry.en)}


def test_every_ledger_event_is_documented() -> None:
    assert {event.value for event in Event} - documented(page("events.md")) == set()


def test_every_ledger_event_is_written_somewhere() -> None:
    used = {name for path in sources("api", "survey_models") for name in members_used(parsed(path), "Event")}
    assert {event.name for event in Event} - used == set()


def test_every_command_is_documented() -> None:
    page_words = documented(page("commands.md"))
    missing = [name for name in commands(get_command(app)) if not any(is_call_of(word, name) for word in page_words)]
    assert missing == []


def test_every_documented_command_exists() -> None:
    known = list(commands(get_command(app)))
    groups = {name.rsplit(" ", 1)[0] for name in known}
    typed = {line for text in all_prose() for line in typed_commands(text)}
    assert typed
    assert (
        sorted(line for line in typed if line not in groups and not any(is_call_of(line, name) for name in known)) == []
    )


def is_call_of(words: str, command: str) -> bool:
    """Whether `words` is the command, with arguments or without."""
    return words == command or words.startswith(f"{command} ")


def typed_commands(text: str) -> Iterator[str]:
    """The command lines that a page asks people to type, in code letters or in blocks."""
    spans = [
        *documented(text),
        *(line for block in re.findall(r"```[^\n]*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()),
    ]
    for span in spans:
        if found := re.match(r"\s*(?:\$ )?(?:\.venv/bin/)?(pingyi [a-z][^#|]*)", span):
            yield found[1].strip()


def all_prose() -> list[str]:
    """README and guides; the pages that people read before they type."""
    pages = [
        path for path in files() if path.suffix == ".md" and path.parts[0] in {"docs", "README.md", "README.zh-CN.md"}
    ]
    assert len(pages) > 3
    return [(ROOT / path).read_text(encoding="utf-8") for path in pages]


def test_what_is_missing_would_be_seen() -> None:
    assert documented("the code `ticket_used` and `PINGYI_DEMO`") == {"ticket_used", "PINGYI_DEMO"}
    assert raised_codes(ast.parse('raise Problem("made_up", x=1)')) == {"made_up"}
    assert raised_codes(ast.parse('raise errors.Problem("made_up")')) == {"made_up"}
    assert members_used(ast.parse("record(Event.CLOSED)\nevents.Event.OPENED"), "Event") == {"CLOSED", "OPENED"}
    assert list(typed_commands("run `pingyi fly --high`\n```\n$ pingyi walk 3 # slowly\n```")) == [
        "pingyi fly --high",
        "pingyi walk 3",
    ]
    assert not is_call_of("pingyi simulated", "pingyi simulate")
