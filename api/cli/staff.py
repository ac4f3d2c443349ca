"""``pingyi staff``: people at the windows (窗口工作人员), their photos, and who is on duty where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="窗口工作人员:导入、照片、到岗。 Window staff: import, photo, duty.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="文件。 The file.")]
Number = Annotated[str, typer.Argument(help="工号。 Staff number.")]


@app.command("import")
def import_(ctx: typer.Context, file: File) -> None:
    """导入名单(csv 或 xlsx):工号 number、姓名 name,可有 unit、post、political、mobile、window。 Import a staff list."""
    from survey_models.spreadsheets.read import read
    from survey_models.staff import service
    from survey_models.staff.rules import staff_rows

    sheet = read(file.read_bytes(), file.name)
    people = staff_rows(sheet.header, [cells for _, cells in sheet.rows])
    with desk_of(ctx).work(Role.SETUP, Role.HALL) as work:
        number = service.import_list(work.session, people, by=work.by, at=work.at)
    say(f"已登记 {number} 人。", f"{number} people are entered.")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出工作人员和在岗窗口。 List the staff and where they are on duty."""
    from survey_models.staff import service

    with desk_of(ctx).look(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.HALL) as session:
        at = {number: window for window, number in service.duties(session).items()}
        rows = [(one.number, one.name, one.post, at.get(one.number, "")) for one in service.listed(session)]
    table(["工号 number", "姓名 name", "岗位 post", "在岗窗口 window"], rows)


@app.command()
def photo(ctx: typer.Context, number: Number, file: File) -> None:
    """设置照片(JPEG 或 PNG,不超过 256 KB);只保存画面。 Set the badge photo; only the picture is kept."""
    from survey_models.staff import service

    with desk_of(ctx).work(Role.SETUP, Role.HALL) as work:
        service.set_photo(work.session, number, file.read_bytes(), by=work.by, at=work.at)
    say("照片已更换。", "The photo is changed.")


@app.command()
def duty(
    ctx: typer.Context,
    window: Annotated[str, typer.Argument(help="窗口标识。 Id of the window.")],
    number: Annotated[str | None, typer.Argument(help="工号;不写表示无人在岗。 Staff number; none: nobody.")] = None,
) -> None:
    """从现在起谁在岗。 Who is on duty at a window from now on."""
    from survey_models.staff import service

    with desk_of(ctx).work(Role.SETUP, Role.HALL) as work:
        if number is None:
            service.end_duty(work.session, window, by=work.by, at=work.at)
        else:
            service.start_duty(work.session, window, number, by=work.by, at=work.at)
    say("在岗人员已更换。", "Who is on duty is changed.")


@app.command()
def leave(ctx: typer.Context, number: Number) -> None:
    """工作人员离开:照片和手机删除。 A person leaves: photo and mobile are erased."""
    from survey_models.staff import service

    with desk_of(ctx).work(Role.SETUP, Role.HALL) as work:
        service.leave(work.session, number, by=work.by, at=work.at)
    say("已离开。", "They have left.")
