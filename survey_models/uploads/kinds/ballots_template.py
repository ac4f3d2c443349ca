"""The template for collected paper questionnaires (回收问卷录入模板): xlsx with drop-down lists, or csv."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey_models.questionnaires.rules import UNIT
from survey_models.spreadsheets.write import Table, csv_bytes, workbook
from survey_models.uploads.kinds.ballots import AREA, EXAMPLE, FIXED, INVALID_WORDS, KIND, LINE, POINT_NAMES, Layout

SHEET, NOTES, LISTS = "评议票", "说明 Notes", "选项"
LAST_ROW = 20_000
HEADER_HEIGHT = 96
PALETTE = ("#DCE6F1", "#E2EFDA", "#FFF2CC", "#FCE4D6", "#EDEDED", "#E4DFEC")


def as_csv(layout: Layout) -> bytes:
    """The headings alone, UTF-8 with its mark: programs that fill it in need no examples."""
    return csv_bytes([layout.printed])


def as_xlsx(layout: Layout, *, title: str) -> bytes:
    """A workbook: the sheet to fill in, what may stand in it in both languages, and the lists behind the drop-downs."""
    out = io.BytesIO()
    with workbook(out) as book:
        sheet = book.add_worksheet(SHEET)
        _write_notes(book, layout, title)
        lists = _write_lists(book, layout)
        _write_headings(book, sheet, layout)
        _write_examples(book, sheet, layout)
        _add_lists(sheet, layout, lists)
    return out.getvalue()


def _write_headings(book: xlsxwriter.Workbook, sheet: Worksheet, layout: Layout) -> None:
    base = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    fixed = book.add_format({**base, "bg_color": "#D9D9D9"})
    as_text = book.add_format({"num_format": "@"})
    groups = list(dict.fromkeys(item.group for item in layout.form.items))
    by_group = {
        group: book.add_format({**base, "bg_color": PALETTE[number % len(PALETTE)]})
        for number, group in enumerate(groups)
    }
    columns = _columns(layout)
    for column, place in enumerate(columns):
        # A sheet number such as 0012 must not become 12.
        sheet.set_column(column, column, 14 if place < FIXED else 11, as_text if place == 0 else None)
        colour = fixed if place < FIXED else by_group[layout.form.items[place - FIXED].group]
        sheet.write_string(0, column, layout.headings[place].name, colour)
    sheet.set_row(0, HEADER_HEIGHT)
    sheet.freeze_panes(1, sum(place < FIXED for place in columns))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)


def examples(layout: Layout) -> list[list[str]]:
    """Two rows as they are filled in (示例行), in the order of ``printed``; the check refuses them by their number.

    The first answers everything, the second leaves a unit blank and marks one as invalid.
    """
    made = []
    for number, cell in enumerate((layout.cells[0], layout.cells[-1]), start=1):
        points = layout.points_of[cell.area_code].shown
        known = {0: f"{EXAMPLE}{number}", 1: cell.area, 2: cell.kind, 3: points[0] if points else ""}
        known |= _answers(layout, cell.no, second=number > 1)
        made.append([known.get(place, "") for place in _columns(layout)])
    return made


def _answers(layout: Layout, stratum_no: int, *, second: bool) -> dict[int, str]:
    """Place of a heading → label: the options in turn, nothing where the sheets of the stratum do not ask."""
    found = {}
    for place, item in enumerate(layout.form.items):
        if stratum_no not in layout.elsewhere.get(place, ()):
            shown = layout.choices[item.scale].shown
            found[place + FIXED] = shown[(place + second) % len(shown)]
    judged = [place + FIXED for place in layout.form.judged_anywhere if place + FIXED in found]
    if second and len(judged) > 2:
        found |= {judged[1]: "", judged[2]: INVALID_WORDS[0]}
    return found


def _write_examples(book: xlsxwriter.Workbook, sheet: Worksheet, layout: Layout) -> None:
    grey = book.add_format({"italic": True, "font_color": "#7F7F7F", "num_format": "@"})
    for row, cells in enumerate(examples(layout), start=1):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, grey)


def _columns(layout: Layout) -> list[int]:
    """The places of the headings that the template prints."""
    return [place for place, heading in enumerate(layout.headings) if heading.required]


def _write_lists(book: xlsxwriter.Workbook, layout: Layout) -> dict[str, str]:
    """The hidden sheet of lists; heading or scale name → the range that holds its list."""
    sheet = book.add_worksheet(LISTS)
    sheet.hide()
    words: dict[str, Sequence[str]] = {
        AREA.name: list(layout.areas.shown),
        KIND.name: list(dict.fromkeys(cell.kind for cell in layout.cells)),
        POINT_NAMES[0]: list(dict.fromkeys(point.name for point in layout.points)),
    }
    for name, options in layout.form.scales.items():
        codes = [option.code for option in options]
        words[f"scale:{name}"] = [*layout.choices[name].shown, INVALID_WORDS[0], *codes]
    ranges = {}
    for column, (name, listed) in enumerate(words.items()):
        for row, word in enumerate(listed):
            sheet.write_string(row, column, word)
        if listed:
            letters = xlsxwriter.utility.xl_col_to_name(column, col_abs=True)
            ranges[name] = f"='{LISTS}'!{letters}$1:{letters}${len(listed)}"
    return ranges


def _add_lists(sheet: Worksheet, layout: Layout, lists: dict[str, str]) -> None:
    for column, place in enumerate(_columns(layout)):
        name = layout.headings[place].name
        if place >= FIXED:
            name = f"scale:{layout.form.items[place - FIXED].scale}"
        if name in lists:
            message = {"error_title": "不在选项之内", "error_message": "请从列表中选择。Choose from the list."}
            sheet.data_validation(1, column, LAST_ROW, column, {"validate": "list", "source": lists[name], **message})


def _write_notes(book: xlsxwriter.Workbook, layout: Layout, title: str) -> None:
    sheet = book.add_worksheet(NOTES)
    sheet.set_column(0, 1, 60)
    bold = book.add_format({"bold": True, "text_wrap": True, "font_size": 13})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, f"{title}:回收问卷录入说明", bold)
    sheet.write_string(0, 1, "How to fill in the collected questionnaires", bold)
    table = Table(NOTES, (), _notes(layout))
    for row, pair in enumerate(table.rows, start=1):
        for column, text in enumerate(pair):
            sheet.write_string(row, column, str(text), wrapped)


def _notes(layout: Layout) -> list[tuple[str, str]]:
    """Pairs of sentences, Chinese and English."""
    lines = [
        (
            "每份问卷一行,从第 2 行填起;不要改动第 1 行的列名,不要增加列。",
            "One row for each sheet, from row 2. Keep row 1.",
        ),
        (
            f"灰色的两行是示例,送交前请删去;编号以“{EXAMPLE}”开头的行会被退回。",
            f"The two grey rows are examples: remove them. Rows whose number begins with {EXAMPLE} are refused.",
        ),
        (
            f"{LINE.name}:贵公司自编的编号,不能重复;只用来查找原件,系统不保存。不要填评议码、姓名、电话。",
            "Sheet number: your own, each once. It is not stored. No ticket codes, names or telephone numbers.",
        ),
        (f"{AREA.name}:{'、'.join(layout.areas.shown)}", "Area: one of these, or its code."),
        (f"{KIND.name}:{'、'.join(dict.fromkeys(cell.kind for cell in layout.cells))}", "Kind: one of these."),
    ]
    if layout.points:
        lines.append(
            (f"{POINT_NAMES[0]}:填该地区的测评点名称或序号。", "Test point: the name or number of one of the area.")
        )
        for area in layout.areas.shown:
            code = layout.areas.read(area) or ""
            lines.append((f"  {area}:{'、'.join(layout.points_of[code].shown)}", ""))
    for name, options in layout.form.scales.items():
        items = [item for item in layout.form.items if item.scale == name]
        if not items:
            continue
        what = "各单位" if items[0].kind == UNIT else "、".join(item.label for item in items)
        what_en = "Units" if items[0].kind == UNIT else ", ".join(item.label_en for item in items)
        zh = ";".join(f"{option.label}(或 {option.code})" for option in options)
        lines.append((f"{what}:{zh}", f"{what_en}: " + "; ".join(f"{o.label_en} (or {o.code})" for o in options)))
    colours = "、".join(dict.fromkeys(item.group for item in layout.form.items))
    return [
        *lines,
        (
            "没有回答的留空;一个单位勾了两个选项的填“无效”。",
            "Leave blank what was not answered; “无效” (invalid) for two marks.",
        ),
        (f"列按类别着色:{colours}", "Columns are coloured by category."),
    ]
