"""compose.yaml speaks of commands, settings and folders that exist."""

import re
from typing import Any

import pytest
import yaml
from typer.main import get_command

from api.cli import app
from tests.architecture.test_documentation import commands, environment_names
from tests.architecture.tree import ROOT
from tests.dockerfile import parse

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
STEPS = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "pingyi"}


def test_one_image_serves_works_and_migrates() -> None:
    assert set(OURS) == {"serve", "worker", "migrate"}
    assert {service["build"] for service in OURS.values()} == {"."}


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_calls_a_command_that_exists(name: str) -> None:
    image_command = next(step.rest for step in STEPS if step.name == "CMD")
    command = OURS[name].get("command") or yaml.safe_load(image_command)
    assert " ".join(command).split(" --")[0] in list(commands(get_command(app)))


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_sets_settings_that_exist(name: str) -> None:
    given = set(OURS[name]["environment"])
    assert "PINGYI_DATABASE_URL" in given
    assert given <= environment_names()


def test_the_image_sets_settings_that_exist() -> None:
    words = " ".join(step.rest for step in STEPS if step.name == "ENV")
    assert set(re.findall(r"\bPINGYI_\w+(?==)", words)) <= environment_names()


def test_the_database_address_is_that_of_the_database_service() -> None:
    database = COMPOSE["services"]["db"]["environment"]
    address = OURS["serve"]["environment"]["PINGYI_DATABASE_URL"]
    password = database["POSTGRES_PASSWORD"]
    assert address == f"postgresql+psycopg://{database['POSTGRES_USER']}:{password}@db/{database['POSTGRES_DB']}"


def test_volumes_lie_where_the_image_keeps_its_data() -> None:
    volume = next(step.rest for step in STEPS if step.name == "VOLUME")
    assert {f"data:{volume}"} == {entry for service in OURS.values() for entry in service["volumes"]}
    named = {entry.split(":")[0] for service in COMPOSE["services"].values() for entry in service["volumes"]}
    assert named == set(COMPOSE["volumes"])
