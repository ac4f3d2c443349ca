"""Window staff and business systems on the command line."""

from pathlib import Path

from api.db import unit_of_work
from survey_models.core import clock
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.api.test_staff import png
from tests.cli.shell import Shell


def test_a_list_a_photo_a_duty_and_a_credential(staffed: Shell, tmp_path: Path) -> None:
    window = Window(id="w1", unit_code=None, number="1", name="综合", hall="政务大厅", business="综合", made_up=True)
    with unit_of_work(staffed.engine) as session:
        units.add_window(session, window, by="test", at=clock.now())
    people, faulty, picture = tmp_path / "people.csv", tmp_path / "faulty.csv", tmp_path / "face.png"
    people.write_text("number,name,post,window\n1001,王敏,组长,w1\n1002,李强,,\n", encoding="utf-8")
    faulty.write_text("number,name,window\n1003,赵静,\n1004,钱伟,w9\n", encoding="utf-8")
    picture.write_bytes(png())
    assert staffed.refused(f"staff import {people} --as release") == "forbidden"
    assert "2 people" in staffed.ok(f"staff import {people}")
    assert staffed.refused(f"staff import {faulty}") == "window_unknown"
    staffed.ok(f"staff photo 1001 {picture}")
    assert staffed.refused(f"staff photo 1001 {people}") == "photo_unfit"
    listed = staffed.ok("staff list --as release")
    assert "王敏" in listed
    assert "w1" in listed
    assert "赵静" not in listed
    staffed.ok("staff duty w1 1002")
    staffed.ok("staff duty w1")
    assert staffed.refused("staff duty w1") == "nobody_on_duty"
    staffed.ok("staff leave 1002")
    assert staffed.refused("staff leave 1002") == "staff_unknown"
    token = staffed.ok("machines make 综窗 --hall 政务大厅 --not-personal").split()[-1]
    assert len(token) > 40
    assert staffed.refused("machines make 综窗 --hall 政务大厅 --window w1") == "request_malformed"
    shown = staffed.ok("machines list")
    assert token not in shown
    number = next(word for word in shown.split() if word.count("-") == 4)
    staffed.ok(f"machines revoke {number}")
    assert "withdrawn" in staffed.ok("machines list")
