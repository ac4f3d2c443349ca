"""Inspection plans on the command line: planned, drawn by two people, followed."""

from api.db import unit_of_work
from survey_models.core import clock
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.units.tables import Unit
from tests.cli.shell import Shell


def test_plan_draw_show(staffed: Shell) -> None:
    with unit_of_work(staffed.engine) as db:
        scheme = schemes.store(db, shelf.preset("xuancheng-2019-48"), by="test", at=clock.now())
        made = Round(id="xc-2019", title="2019", scheme_id=scheme.id, scheme_version=scheme.version)
        made.made_at = clock.now()
        db.add(made)
        db.flush()
        for no in range(1, 9):
            unit = Unit(code=f"U-{no}", name=f"单位{no}", category="市直单位", position=no, superior_led=False)
            unit.flags_source = "made up"
            db.add(unit)
            db.flush()
            db.add(RoundUnit(round_id="xc-2019", unit_code=unit.code, category=unit.category, position=no))
    plan = "inspections plan xc-2019 --period 2019Q1"
    assert staffed.refused(f"{plan} --as release") == "forbidden"
    assert staffed.refused(f"{plan} --by hunch") == "request_malformed"
    assert "xc-2019-open-2019q1" in staffed.ok(plan)
    assert staffed.refused("inspections show none") == "inspection_unknown"
    staffed.ok("inspections draw xc-2019-open-2019q1 --seed 60415238")
    staffed.ok("acts confirm 1 --as release")
    shown = staffed.ok("inspections show xc-2019-open-2019q1")
    assert shown.count("1/4") == 2, "two of eight in the first of four quarters"
    assert "0 / 2" in shown
    assert "2" in staffed.ok("draws replay xc-2019-open-2019q1")
    assert "再抽 3 个" in staffed.ok("inspections plan xc-2019 --period 2019Q1 --secret --more 市直单位=3")
    assert "60415238" in staffed.ok("inspections list xc-2019")
