"""Pictures: as many marks as there are values, and the values can be read back from the picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from survey_models.reports.charts import BarMark, IntervalMark, bar_chart, interval_chart, rank_axis, score_axis
from survey_models.reports.pictures import all_pictures
from tests.api.test_campaigns import count, fill
from tests.poll import CATEGORIES, Shape, open_poll


def marks(svg: str) -> list[Element]:
    return [element for element in fromstring(svg).iter() if element.get("class") == "mark"]


async def test_the_pictures_of_a_result_hold_its_figures(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12, n_units=4)) as poll:
        await fill(poll, 10)
        async with poll.signed_in("setup") as setup:
            early = await setup.get("/api/campaigns/poll/charts/places.svg")
            assert (early.status_code, early.json()["code"]) == (409, "campaign_open")
        await count(poll)
        async with poll.signed_in("setup") as setup:
            rows = (await setup.post("/api/campaigns/poll/results")).json()["rows"]
            pictures = {
                name: await setup.get(f"/api/campaigns/poll/charts/{name}.svg", params={"category": CATEGORIES[1]})
                for name in ("places", "scores", "allocation", "weights")
            }
            unknown = await setup.get("/api/campaigns/poll/charts/pie.svg")
            tag = {"If-None-Match": pictures["places"].headers["etag"]}
            again = await setup.get(
                "/api/campaigns/poll/charts/places.svg", params={"category": CATEGORIES[1]}, headers=tag
            )
        with poll.look() as session:
            files = all_pictures(session, "poll")
    assert sorted(files) == ["allocation", "places-1", "places-2", "scores-1", "scores-2", "weights"]
    assert pictures["places"].text in files.values()
    assert (unknown.status_code, unknown.json()["code"]) == (404, "chart_unknown")
    assert again.status_code == 304
    assert {answer.headers["content-type"] for answer in pictures.values()} == {"image/svg+xml"}
    of_category = {row["name"]: row for row in rows if row["category"] == CATEGORIES[1]}
    places = {mark.get("data-label"): mark for mark in marks(pictures["places"].text)}
    assert set(places) == set(of_category)
    for name, row in of_category.items():
        mark = places[name]
        assert [mark.get("data-value"), mark.get("data-low"), mark.get("data-high")] == [
            str(row["rank"]),
            str(row["rank_low"]),
            str(row["rank_high"]),
        ]
    scores = {mark.get("data-label"): mark.get("data-value") for mark in marks(pictures["scores"].text)}
    assert scores == {name: row["score"] for name, row in of_category.items()}
    assert [mark.get("data-value") for mark in marks(pictures["allocation"].text)] == ["24"] * 4
    assert [mark.get("data-label") for mark in marks(pictures["weights"].text)] == ["校准前"]
    assert "style=" not in "".join(answer.text for answer in pictures.values())


def test_marks_stand_where_their_values_are() -> None:
    axis = score_axis([IntervalMark("甲", "60", "50", "70", "60.00")])
    assert [str(axis.low), str(axis.high)] == ["50", "80"]
    svg = interval_chart("图", [IntervalMark("甲<&>", "60", "50", "70", "60.00")], axis, note="说明")
    line, dot = list(marks(svg)[0])
    assert float(line.get("x1", "")) < float(dot.get("cx", "")) < float(line.get("x2", ""))
    assert abs(float(dot.get("cx", "")) * 2 - float(line.get("x1", "")) - float(line.get("x2", ""))) < 0.05
    assert fromstring(svg).get("role") == "img"


def test_scores_that_are_all_the_same_have_an_axis() -> None:
    for score in ("100", "0", "57.5"):
        axis = score_axis([IntervalMark("单位", score, score, score, score)])
        assert 0 <= axis.low < axis.high <= 100


def test_a_long_name_is_set_narrower_and_a_long_number_shortens_its_bar() -> None:
    name = "市人力资源和社会保障事业发展服务中心"
    label = next(text for text in fromstring(bar_chart("图", [BarMark(name, 9)], note="")).iter() if text.text == name)
    assert float(label.get("x", "")) > float(label.get("textLength", "")) > 0
    bar = marks(bar_chart("图", [BarMark("a", 1000, "/ 1,300,000 people of the area")], note=""))[0]
    assert float(bar.get("x", "")) + float(bar.get("width", "")) + 7 * 34 < 760


def test_borders_stand_between_places() -> None:
    axis = rank_axis(53, [(20, "前 20 名")])
    svg = interval_chart("图", [IntervalMark("甲", "20", "15", "27", "20")], axis, note="")
    border = next(element for element in fromstring(svg).iter() if element.get("class") == "border")
    assert border.get("data-at") == "20.5"
    assert axis.x(axis.low) < axis.x(axis.high)


def test_bars_are_as_long_as_their_numbers() -> None:
    bars = marks(bar_chart("图", [BarMark("a", 10), BarMark("b", 5, "人"), BarMark("c", 0)], note=""))
    widths = [float(bar.get("width", "")) for bar in bars]
    assert widths[0] == 2 * widths[1]
    assert widths[2] == 0
    assert marks(bar_chart("图", [], note="")) == []
