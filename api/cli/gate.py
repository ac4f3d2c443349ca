"""``pingyi gate``: lots handed out, reports, back-checks and the office's signature (质量关口)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from survey_models.gate.lots import LotStanding

app = typer.Typer(
    help="质量关口:发放、回收、回访、签收。 The gate: lots, returns, back-checks, signatures.", no_args_is_help=True
)

File = Annotated[uuid.UUID, typer.Argument(help="上传编号。 Id of the upload.")]
HEADS = ["批 lot", "单位 contractor", "层 stratum", "测评点 point", "序号 serials"]
SUMS = ["发出 issued", "收回 returned", "未完成 refused", "未了 open", "回访% check"]


def _row(one: LotStanding) -> tuple[object, ...]:
    lot, sums = one.lot, one.sums
    serials = "" if lot.first_serial is None else f"{lot.first_serial}-{lot.last_serial}"
    where = lot.no, lot.contractor, one.stratum, one.point, serials
    return *where, sums.issued, sums.returned, sums.refused, sums.open, lot.back_check


@app.command("lots")
def lots_(ctx: typer.Context, campaign: Campaign) -> None:
    """发放清单:发出 = 收回 + 未完成 + 未了。 The lots: issued = returned + refused + open."""
    from survey_models.gate import lots

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [_row(one) for one in lots.standing(session, campaign)]
    table([*HEADS, *SUMS], rows)


@app.command("hand-out")
def hand_out(
    ctx: typer.Context,
    campaign: Campaign,
    contractor: Annotated[str, typer.Argument(help="承办单位账号。 Account of the contractor.")],
    stratum: Annotated[int, typer.Argument(help="层。 Number of the stratum.")],
    *,
    point: Annotated[int, typer.Option(help="测评点,0 为不限。 Test point, 0: any.")] = 0,
    issued: Annotated[int, typer.Option(help="份数。 How many sheets.")] = 0,
    first: Annotated[int | None, typer.Option(help="卡片起始序号。 First serial number of cards.")] = None,
    last: Annotated[int | None, typer.Option(help="卡片终止序号。 Last serial number.")] = None,
    back_check: Annotated[int, typer.Option(help="签收前要回访的百分比。 Per cent to be checked back.")] = 10,
) -> None:
    """登记发放:若干份问卷,或一段序号的评议卡。 Write down sheets, or cards of a range, handed to a contractor."""
    from survey_models.gate import lots
    from survey_models.gate.lots import Wish

    wish = Wish(contractor, stratum, point, issued, first, last, back_check)
    with desk_of(ctx).work(Role.SETUP) as work:
        lot = lots.hand_out(work.session, campaign, wish, by=work.by, at=work.at)
        number, whole = lot.no, lot.issued
    say(f"第 {number} 批,共发出 {whole} 份。", f"Lot {number}, {whole} issued in all.")


@app.command()
def sheet(
    ctx: typer.Context,
    campaign: Campaign,
    lot: Annotated[int, typer.Argument(help="批。 Number of the lot.")],
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="写到哪个文件。 File to write.")] = None,
    part: Annotated[int, typer.Option(min=1, help="第几部分,每部分一千份。 Which thousand of it.")] = 1,
) -> None:
    """写出访问员工作表(xlsx),供打印。 Write the sheet that interviewers of a lot carry."""
    from survey_models.campaigns import service as campaigns
    from survey_models.gate import lots, quotas
    from survey_models.reports import interviewer_sheet

    path = out or Path(f"{campaign}-lot-{lot}.xlsx")
    with desk_of(ctx).look(*OFFICE) as session:
        form = campaigns.form_of(session, campaigns.get(session, campaign))
        found = lots.one(session, campaign, lot)
        path.write_bytes(interviewer_sheet.render(found, quotas.listed(session, campaign), form, part=part))
    say(f"已写入 {path}。", f"Written to {path}.")


@app.command("quotas")
def quotas_(ctx: typer.Context, campaign: Campaign) -> None:
    """配额:目标、已计入、占着、剩余、超出不计。 The quotas: target, counted, held, left, over and not counted."""
    from survey_models.gate import quotas

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [
            (
                *(one.quota.no, one.stratum, one.point or "-", "，".join(zh for zh, _ in one.answers) or "-"),
                *(one.quota.target, one.quota.counted, one.quota.held, one.left, one.quota.over, one.room.value),
            )
            for one in quotas.standing(session, campaign)
        ]
    heads = ["配额 quota", "层 stratum", "测评点 point", "背景 answers", "目标 target", "计入 counted"]
    table([*heads, "占着 held", "剩余 left", "超出 over", "状态 room"], rows)


@app.command("let-go")
def let_go(
    ctx: typer.Context, campaign: Campaign, quota: Annotated[int, typer.Argument(help="配额的编号。 Its number.")]
) -> None:
    """释放一个配额里占着的名额。 Give back every place that is held of a quota."""
    from survey_models.gate import holds

    with desk_of(ctx).work(Role.SETUP) as work:
        number = holds.let_go(work.session, campaign, quota)
    say(f"释放了 {number} 个名额。", f"{number} places given back.")


@app.command("quota")
def quota_(
    ctx: typer.Context,
    campaign: Campaign,
    stratum: Annotated[int, typer.Argument(help="层。 Number of the stratum.")],
    target: Annotated[int, typer.Argument(min=0, help="最多计入多少份。 How many count at most.")],
    *,
    point: Annotated[int, typer.Option(help="测评点,0 为不限。 Test point, 0: any.")] = 0,
    answer: Annotated[list[str] | None, typer.Option(help="背景题=选项,可重复。 ITEM=CODE, repeatable.")] = None,
) -> None:
    """设置配额,满了以后的保留、不计入。 Set a quota; what comes when it is full is kept and not counted."""
    from survey_models.gate import quotas

    answers = dict(pair.partition("=")[::2] for pair in answer or [])
    wish = quotas.QuotaWish(stratum, target, point, answers)
    with desk_of(ctx).work(Role.SETUP) as work:
        made = quotas.put(work.session, campaign, wish, by=work.by, at=work.at)
        number, counted = made.no, made.counted
    say(f"第 {number} 个配额,目标 {target},已计入 {counted}。", f"Quota {number}: target {target}, {counted} counted.")


@app.command()
def show(ctx: typer.Context, upload: File) -> None:
    """一个文件的账目、检测、回访和签收障碍。 Accounts, tests, back-check and what is in the way of signing."""
    from survey_models.gate import service

    with desk_of(ctx).look(*OFFICE) as session:
        found = service.review(session, upload)
        rows = [_row(one) for one in found.lots]
    table([*HEADS, *SUMS], rows)
    table(["规则 rule", "疑点 flags"], list(found.tests.items()))
    if found.back_check is not None:
        table(["回访 back-check", "行 lines"], list(found.back_check.outcomes.items()))
    effects = found.interviewers or {"found": []}
    heads = ["访问员 interviewer", "方面 measure", "份数 sheets", "p"]
    table(heads, [[one["interviewer"], one["measure"], one["sheets"], one["p"]] for one in effects["found"]])
    table(["障碍 in the way", "代码 code"], [(problem.sentence(), problem.code) for problem in found.blockers])


@app.command("back-check")
def back_check(
    ctx: typer.Context,
    upload: File,
    per_cent: Annotated[int, typer.Option(min=1, max=100, help="百分比。 Per cent of the lines.")] = 10,
) -> None:
    """计划回访抽查;再由两人用公开种子抽取。 Plan the back-check; two people draw it with a public seed."""
    from survey_models.gate import back_checks

    with desk_of(ctx).work(Role.SETUP) as work:
        made = back_checks.plan(work.session, upload, per_cent, by=work.by, at=work.at)
    say(
        f"已计划,由两人抽取:pingyi draws run {made.draw_id}",
        f"Planned; two people draw: pingyi draws run {made.draw_id}",
    )


@app.command()
def note(
    ctx: typer.Context,
    upload: File,
    line: Annotated[int, typer.Argument(help="抽中的行。 The drawn line.")],
    outcome: Annotated[
        Literal["confirmed", "differs", "never", "not_reached"], typer.Argument(help="回访结果。 What was found.")
    ],
) -> None:
    """登记一行的回访结果,只能登记一次。 Write down the outcome of a drawn line, once."""
    from survey_models.gate import back_checks
    from survey_models.gate.tables import Outcome

    with desk_of(ctx).work(Role.SETUP) as work:
        back_checks.note(work.session, upload, line, Outcome(outcome), by=work.by, at=work.at)
    say(f"第 {line} 行已登记。", f"Line {line} is written down.")


@app.command()
def sign(
    ctx: typer.Context, upload: File, statement: Annotated[str, typer.Option(help="签收意见。 The statement.")]
) -> None:
    """签收文件,意见和数目记入台账,由后台任务录入。 Sign for a file; a background job enters its rows."""
    from survey_models.gate import service

    with desk_of(ctx).work(Role.SETUP, Role.RELEASE) as work:
        service.accept(work.session, upload, statement=statement, by=work.by, at=work.at)
    say(f"{upload} 已签收,正在录入。", f"{upload} is signed for and being entered.")
