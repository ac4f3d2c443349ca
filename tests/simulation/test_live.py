"""A simulation against the running demo: nothing lost, nothing double, and the books say so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from api.app import create_app, running
from api.cli import app
from api.db import reading
from api.handover import read_plain
from api.keys import load_pepper, load_sealing_key
from api.simulation.run import SEED, Reconciliation, Wanted, queue, reconcile, simulate
from api.simulation.sender import Unanswered
from survey_models.ballots.mixing import Opened, Sealed, open_all
from survey_models.ballots.sealing import Opener
from survey_models.ballots.tables import IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed
from survey_models.core.walls import take_down
from survey_models.tickets import codes
from tests.demo.installation import Demo
from tests.simulation.service import served, served_demo

pytestmark = pytest.mark.proof
RESPONDENTS = 200


@pytest.fixture
def process(own_demo: Demo) -> Iterator[str]:
    """The address of the demo, running as a person starts it."""
    with served_demo(own_demo.settings) as base_url:
        yield base_url


@pytest.fixture
def service(own_demo: Demo) -> Iterator[str]:
    """The address of the demo, served by a thread: starting the program takes longer than these tests."""
    application = create_app(own_demo.settings)
    with running(application), served(application) as base_url:
        yield base_url


def state_of(demo: Demo, code: str) -> str:
    """The state of a ticket, by its printed code."""
    digest = codes.digest(as_typed(code), campaign_id="luohe", pepper=load_pepper(demo.settings.data_dir))
    return str(
        demo.rows("SELECT state FROM tickets WHERE campaign_id = 'luohe' AND digest = :digest", digest=digest)[0][0]
    )


def change(demo: Demo, statement: str) -> None:
    """Change the database behind the program's back."""
    with demo.engine.connect() as connection:
        take_down(connection)
        connection.execute(text(statement))
        connection.commit()


def opened(demo: Demo) -> list[Opened]:
    """The sealed sheets of ``luohe``, opened with the key that the demo keeps on its server."""
    opener = Opener(load_sealing_key(demo.settings.data_dir, "luohe"))
    with reading(demo.engine) as session:
        form = campaigns.form_of(session, campaigns.get(session, "luohe"))
        query = select(
            IntakeSheet.id,
            IntakeSheet.batch_no,
            IntakeSheet.channel,
            IntakeSheet.questionnaire_version,
            IntakeSheet.sealed,
        ).where(IntakeSheet.campaign_id == "luohe")
        done = open_all("luohe", [Sealed(*row) for row in session.execute(query)], opener, {form.version: form})
    assert done.broken == []
    return done.sheets


def test_what_is_acknowledged_is_stored_once(own_demo: Demo, process: str) -> None:
    told = []
    done = simulate(own_demo.settings, Wanted("luohe", RESPONDENTS, process), on_stored=lambda: told.append(1))
    assert len(done.sent.acknowledged) == len(set(done.sent.acknowledged)) == len(told) == RESPONDENTS
    assert done.sent.replays > 0
    assert done.counts == Reconciliation(RESPONDENTS, RESPONDENTS, RESPONDENTS, RESPONDENTS)
    assert done.counts.even
    sheets = opened(own_demo)
    assert len(sheets) == RESPONDENTS
    assert all(re.fullmatch(r"[1230-]{80}[1234-][12-]", sheet.answers) for sheet in sheets)
    assert {(sheet.channel, sheet.version) for sheet in sheets} == {("phone", 1)}
    entries = "SELECT count(*) FROM ledger_entries WHERE log = 'luohe' AND event = 'ballots:cast'"
    assert own_demo.number(entries) == RESPONDENTS
    assert own_demo.number("SELECT sum(done) FROM ticket_counters WHERE campaign_id = 'luohe'") == RESPONDENTS
    assert len({sheet.batch_no for sheet in sheets}) > 12
    assert own_demo.number("SELECT count(*) FROM ballots WHERE campaign_id = 'luohe'") == 0
    kept = own_demo.folder.kept("luohe")
    assert [state_of(own_demo, code) for code in kept] == ["live"] * 5
    reserve = "SELECT count(*) FROM tickets WHERE campaign_id = 'luohe' AND state = 'reserve'"
    assert own_demo.number(reserve) == 500
    truth = json.loads(Path(done.truth_file).read_text(encoding="utf-8"))
    assert (truth["seed"], truth["acknowledged"], truth["replays"]) == (SEED, RESPONDENTS, done.sent.replays)
    assert len(truth["units"]) == 80
    assert all(0 < score < 100 for score in truth["units"].values())


def test_a_second_run_goes_on_with_other_cards(own_demo: Demo, service: str) -> None:
    first = simulate(own_demo.settings, Wanted("luohe", 60, service))
    second = simulate(own_demo.settings, Wanted("luohe", 40, service))
    assert second.sent.refused == {"ticket_used": 60}
    assert second.counts is not None
    assert second.counts.even
    assert second.counts.spent_tickets == 100
    assert first.truth_file != second.truth_file


def test_the_command_says_what_became_of_it(own_demo: Demo, service: str) -> None:
    environment = {"PINGYI_DATA_DIR": str(own_demo.settings.data_dir)}
    arguments = ["simulate", "luohe", "--respondents", "20", "--base-url", service]
    done = CliRunner().invoke(app, arguments, env=environment)
    assert done.exit_code == 0, done.output
    assert "stored 20 / 回执 acknowledged 20" in done.output
    assert "spent tickets 20 / 凭票评议 ticketed ballots 20" in done.output
    card = "(SELECT min(serial) FROM tickets WHERE campaign_id = 'luohe' AND state = 'spent')"
    change(own_demo, f"UPDATE tickets SET state = 'live' WHERE campaign_id = 'luohe' AND serial = {card}")
    uneven = CliRunner().invoke(app, [*arguments[:3], "5", *arguments[4:], "--seed", "3"], env=environment)
    assert uneven.exit_code == 1, uneven.output


def test_a_real_campaign_is_refused_before_anything_is_sent(own_demo: Demo) -> None:
    change(own_demo, "UPDATE campaigns SET purpose = 'real' WHERE id = 'luohe'")
    with pytest.raises(Problem) as refused:
        simulate(own_demo.settings, Wanted("luohe", 10, "http://127.0.0.1:9"))
    assert refused.value.code == "not_a_demo"
    done = CliRunner().invoke(app, ["simulate", "luohe"], env={"PINGYI_DATA_DIR": str(own_demo.settings.data_dir)})
    assert done.exit_code == 1
    assert "not_a_demo" in done.output
    assert own_demo.number("SELECT count(*) FROM intake_sheets WHERE campaign_id = 'luohe'") == 0


def test_without_a_hand_over_file_nobody_answers(own_demo: Demo) -> None:
    own_demo.folder.codes("luohe").unlink()
    with pytest.raises(Problem) as refused:
        simulate(own_demo.settings, Wanted("luohe", 10, "http://127.0.0.1:9"))
    assert refused.value.code == "hand_over_missing"


def test_a_closed_campaign_takes_nobody(own_demo: Demo, service: str) -> None:
    with pytest.raises(Problem) as refused:
        simulate(own_demo.settings, Wanted("luohe-closed", 1_200, service))
    assert refused.value.code == "campaign_closed"


def test_a_service_that_is_away_is_said(own_demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.simulation.sender.LONGEST_PAUSE", 0.01)
    with pytest.raises(Unanswered):
        simulate(own_demo.settings, Wanted("luohe", 10, "http://127.0.0.1:9"))


def test_the_queue_leaves_out_reserve_and_kept_cards_and_mixes_the_rest(sqlite_demo: Demo) -> None:
    lines = read_plain(sqlite_demo.folder.codes("luohe"))
    kept = sqlite_demo.folder.kept("luohe")
    people = queue(lines, kept=kept, seed=SEED)
    assert len(people) == 10_000 - 5
    assert not any(person.reserve or person.code in kept for person in people)
    assert len({person.stratum for person in people[9_860:]}) > 6
    assert people == queue(lines, kept=kept, seed=SEED) != queue(lines, kept=kept, seed=SEED + 1)


def test_a_lost_sheet_would_be_seen(own_demo: Demo, service: str) -> None:
    done = simulate(own_demo.settings, Wanted("luohe", 10, service))
    change(own_demo, f"DELETE FROM intake_sheets WHERE id = '{done.sent.acknowledged[0].hex}'")
    counts = reconcile(own_demo.engine, "luohe", done.sent.acknowledged)
    assert counts == Reconciliation(acknowledged=10, stored=9, ticketed_ballots=9, spent_tickets=10)
    assert not counts.even
