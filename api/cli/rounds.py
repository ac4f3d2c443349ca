"""``pingyi rounds``: rounds (评议周期) from their plan to their publication."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.added_units import Added, text_of
from api.cli.campaigns import OFFICE
from api.cli.comparing import compare
from api.cli.desk import Desk, desk_of
from api.cli.faults import shown
from api.cli.key_units import key_units
from api.cli.mix import PassphraseFile, passphrase_from
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from survey_models.rounds.asking import Question
    from survey_models.schemes.outcome import Line

app = typer.Typer(help="评议周期:建立、计算、定夺、公布。 Rounds: plan, run, decide, publish.", no_args_is_help=True)

Round = Annotated[str, typer.Argument(help="周期编号,如 nanyang-2014-27-2015h1。 Id of the round.")]
Set = Annotated[list[str] | None, typer.Option("--set", help="名称=值,可以多次。 NAME=VALUE, may be repeated.")]
Reason = Annotated[str, typer.Option(help="原因,记入台账。 Why; it goes to the ledger.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出评议周期;过时的得分要重新计算。 List the rounds; a result that is out of date is to be scored anew."""
    from survey_models.rounds import freshness, service

    with desk_of(ctx).look(*OFFICE) as session:
        rows = []
        for one in service.listed(session):
            newest, told = service.latest(session, one.id), service.published(session, one.id)
            numbers = newest.no if newest else None, told[0].no if told else None
            stale = "过时 stale" if newest and freshness.is_stale(session, newest) else ""
            rows.append((one.id, one.title, one.period, one.scheme_id, one.scheme_version, *numbers, stale))
    columns = [
        "编号 id",
        "名称 title",
        "周期 period",
        "办法 scheme",
        "版本 version",
        "得分 result",
        "公布 published",
        "",
    ]
    table(columns, rows)


@app.command()
def plan(
    ctx: typer.Context,
    preset: Annotated[str, typer.Argument(help="随附的或已保存的评分办法。 A preset, or a stored scheme.")],
    period: Annotated[str, typer.Argument(help="2015H1、2015Q2、2015-03、2015、2015-2016、once。 The period.")],
    *,
    answers: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="填好的答案(YAML)。 Answers, filled in.")
    ] = None,
    settings: Set = None,
    added: Added = None,
    like: Annotated[str, typer.Option(help="沿用哪个周期的设置。 Keep the answers of this round.")] = "",
    of: Annotated[str, typer.Option(help="由哪个单位自行组织。 The unit that runs it itself.")] = "",
    demo: Annotated[bool, typer.Option(help="其余用编造的数值,并标明。 Make up the rest, marked as made up.")] = False,
) -> None:
    """建立一个周期的全部评议;缺什么就问什么。 Make everything a round needs; ask only what a preset cannot know."""
    from survey_models.rounds import made_up, plans
    from survey_models.rounds import service as rounds
    from survey_models.rounds.plans import Wish

    desk, wish = desk_of(ctx), Wish(preset, period, of=of, like=like)
    given = {**_given(answers, settings or ()), **({"added_units": text_of(added)} if added else {})}
    if answers is None and not demo and not like and not _is_year(desk, wish):
        _asked(desk, wish, given)
        return
    with shown(), desk.work(Role.SETUP) as work:
        whole = made_up.complete(work.session, wish, given) if demo else given
        planned = plans.plan(work.session, wish, whole, by=work.by, at=work.at)
        number = len(rounds.campaigns_of(work.session, planned.round.id))
    if planned.made:
        say(f"{wish.round_id} 已建立,{number} 项评议。", f"{wish.round_id} is made, with {number} campaigns.")
    else:
        say(f"{wish.round_id} 早已建立,没有改动。", f"{wish.round_id} was there before; nothing is changed.")


def _is_year(desk: Desk, wish: Any) -> bool:
    from survey_models.rounds import plans

    with desk.look(*OFFICE) as session:
        return not plans.ask(session, wish)


def _given(file: Path | None, settings: Any) -> dict[str, Any]:
    """What the office answered: the file, and settings named on the command line over it."""
    from survey_models.rounds import asking
    from survey_models.schemes.reading import read_yaml

    given: dict[str, Any] = {}
    if file is not None:
        read = read_yaml(file.read_text(encoding="utf-8"))
        if read.wrong or not isinstance(read.data, dict):
            line = read.wrong[0][0] if read.wrong else 1
            raise Problem("plan_answers_faulty", count=max(len(read.wrong), 1), first=f"{file.name}:{line}", faults=[])
        given = asking.exact(read.data)
    for pair in settings:
        name, _, value = pair.partition("=")
        asking.put(given, ("settings", name), value)
    return given


def _asked(desk: Desk, wish: Any, given: dict[str, Any]) -> None:
    """Print the questions, and write the file to fill in beside them."""
    from survey_models.rounds import plans

    with desk.look(*OFFICE) as session:
        questions = plans.ask(session, wish, given)
    table(
        ["问题 question", "", "默认 default"],
        [(one.key, f"{one.zh} {one.en}", _short(one)) for one in questions],
    )
    path = Path(f"{wish.round_id}.yaml")
    if path.exists():
        say(f"{path} 已有,没有改动;填好后加 --answers {path}。", f"{path} is there: fill it in, then --answers {path}.")
        return
    path.write_text(_file(questions), encoding="utf-8")
    say(f"已写入 {path};填好后加 --answers {path}。", f"Written to {path}: fill it in, then --answers {path}.")


def _short(one: Question) -> str:
    if one.default is None:
        return "? 必填 required" if one.required else "—"
    return f"{len(one.default)}" if isinstance(one.default, list) else str(one.default)


def _file(questions: list[Question]) -> str:
    """The questions as YAML, each under its words; what must be answered stands empty."""
    import json

    lines: list[str] = []
    above: tuple[str, ...] = ()
    for one in questions:
        for depth, name in enumerate(one.path[:-1]):
            if above[: depth + 1] != one.path[: depth + 1]:
                lines.append(f"{'  ' * depth}{name}:")
        above = one.path[:-1]
        indent = "  " * len(above)
        form = f" ({one.form})" if one.form else ""
        lines.append(f"{indent}# {one.zh} {one.en}{form}")
        value = "" if one.default is None else f" {json.dumps(one.default, ensure_ascii=False)}"
        lines.append(f"{indent}{one.path[-1]}:{value}")
    return "\n".join(lines) + "\n"


@app.command()
def issue(
    ctx: typer.Context,
    found: Round,
    *,
    out: Annotated[Path, typer.Option(file_okay=False, help="交接文件写到这个文件夹。 Folder of the hand-over files.")],
    public: Annotated[
        str | None, typer.Option(help="印制单位的公钥;不写则输入口令。 Public key of the printers.")
    ] = None,
    office_key: Annotated[
        str | None,
        typer.Option(help="计票处的公钥;不写则由本服务器保管。 Public key of the counting office; none: kept here."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """生成各项评议的评议码,密封写入交接文件,备好待开放。 Issue the tickets of every campaign, sealed; make it ready."""
    from api import round_tickets
    from api.handover import Lock
    from api.keys import key_of_hex

    desk = desk_of(ctx)
    passphrase = None if public else passphrase_from(passphrase_file, twice=True)
    lock = Lock.of(passphrase, public)
    sealing = key_of_hex(office_key) if office_key else None
    out.mkdir(parents=True, exist_ok=True)
    try:
        with desk.work(Role.SETUP) as work:
            made = round_tickets.issue(
                work.session, found, lock=lock, settings=desk.settings, by=work.by, at=work.at, office_key=sealing
            )
            paths = {one.campaign: round_tickets.write(out, one) for one in made}
    except FileExistsError as error:
        raise Problem("key_file_exists", path=str(error.filename)) from None
    rows = [(one.campaign, one.cards, paths[one.campaign], one.digest, "✓" if one.ready else "") for one in made]
    table(["评议 campaign", "张数 cards", "文件 file", "SHA-256", "就绪 ready"], rows)


@app.command()
def show(ctx: typer.Context, found: Round) -> None:
    """一个周期的评议、得分和待定事项。 Campaigns of a round, its newest result and what is open."""
    from survey_models.rounds import outcomes, service

    with desk_of(ctx).look(*OFFICE) as session:
        one = service.get(session, found)
        kinds = [(kind, row.id, row.state) for kind, row in service.campaigns_of(session, found).items()]
        newest = service.latest(session, found)
        outcome = outcomes.outcome_of(newest) if newest else None
    typer.echo(f"{one.id} {one.title} {one.scheme_id} {one.scheme_version}")
    table(["类别 kind", "评议 campaign", "状态 state"], kinds)
    if outcome is not None:
        open_ones = [(o.kind, o.about, o.category, "、".join(o.units), o.places) for o in outcome.questions]
        table(["待定 open", "事项 about", "类别 category", "单位 units", "名额 places"], open_ones)


@app.command()
def run(ctx: typer.Context, found: Round) -> None:
    """计算得分;再算一次是另一份结果。 Score the round; a second run is a second result."""
    from survey_models.rounds import outcomes, scoring
    from survey_models.rounds.streams import Stage

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        stage = Stage(work.at, desk.settings.timezone, desk.settings.counting)
        row = scoring.run(work.session, found, by=work.by, at=work.at, stage=stage)
        outcome = outcomes.outcome_of(row)
    _cards(outcome.cards)
    say(
        f"{found} 第 {row.no} 份得分,待定 {len(outcome.questions)} 项,摘要 {row.result_digest}。",
        f"Result {row.no} of {found}, {len(outcome.questions)} questions, digest {row.result_digest}.",
    )


PASSED = {None: "", True: "达标", False: "未达标"}


def _cards(cards: Any) -> None:
    """The cards by category and place."""
    for category in dict.fromkeys(card.unit.category for card in cards):
        typer.echo(f"\n{category}")
        members = sorted(
            (card for card in cards if card.unit.category == category),
            key=lambda card: (card.rank is None, card.rank or 0, card.unit.code),
        )
        rows = [
            (
                card.rank or "—",
                "—" if card.rank_low is None else f"{card.rank_low}–{card.rank_high}",
                card.unit.code,
                card.unit.name,
                "—" if card.printed is None else card.printed,
                card.grade or PASSED[card.passed],
                "、".join(card.consequences),
            )
            for card in members
        ]
        table(["名次 rank", "可能 range", "代码 unit", "单位 name", "得分 score", "等次 grade", "奖惩"], rows)


@app.command()
def scorecard(
    ctx: typer.Context, found: Round, unit: Annotated[str, typer.Argument(help="单位代码。 Code of the unit.")]
) -> None:
    """一个单位的得分卡,从总分到计数和条款。 One unit from its total down to counts and articles."""
    from api.schemas.scorecards import bared
    from survey_models.rounds import outcomes
    from survey_models.rounds.hiding import hidden_lines
    from survey_models.schemes import service as schemes
    from survey_models.schemes.inputs import Inputs

    with desk_of(ctx).look(*OFFICE) as session:
        row, card = outcomes.scorecard(session, found, unit)
        inputs = outcomes.inputs_of(session, row)
        scheme = schemes.document_of(schemes.get(session, row.scheme_id, row.scheme_version))
    hidden = frozenset[str]()
    if isinstance(inputs, Inputs) and hidden_lines(scheme, inputs, unit):
        card, hidden = bared(card)
    typer.echo(f"{card.unit.code} {card.unit.name} {card.printed if card.printed is not None else '—'}")
    for line in (card.root, *card.adjustments):
        _line(line, hidden, 0)
    typer.echo(f"{row.scheme_id} {row.scheme_version} {row.scheme_digest}")


def _line(line: Line, hidden: frozenset[str], depth: int) -> None:
    """One line with what it rests on, then those below it."""
    from api.schemas.scorecards import LineView

    seen = LineView.of(line, hidden)
    typer.echo(f"{'  ' * depth}{seen.title} {seen.points or '—'}/{seen.most} {seen.how} {seen.at}".rstrip())
    for count in seen.counts:
        typer.echo(f"{'  ' * (depth + 2)}{count.label} {count.value}")
    for child in line.children if not seen.hidden else ():
        _line(child, hidden, depth + 1)


app.command()(compare)
app.command()(key_units)


@app.command()
def decide(
    ctx: typer.Context,
    found: Round,
    about: Annotated[str, typer.Argument(help="事项,见 show。 What it is about, see show.")],
    category: Annotated[str, typer.Argument(help="类别,见 show。 The category, see show.")],
    *,
    reason: Reason,
    order: Annotated[str, typer.Option(help="单位代码,先后用逗号隔开。 Codes, the better first, by commas.")] = "",
    seed: Annotated[str, typer.Option(help="当众产生的抽签种子。 Public seed of a draw.")] = "",
    witness: Annotated[list[str] | None, typer.Option(help="见证人,两位。 A witness of the draw, twice.")] = None,
) -> None:
    """提出同分的定夺(顺序或抽签),由另一人确认。 Ask for a way out of a tie; another person confirms."""
    from api import acts

    params = {
        "round": found,
        "about": about,
        "category": category,
        "way": "order" if order else "draw",
        "units": [code.strip() for code in order.split(",") if code.strip()],
        "seed": seed,
        "witnesses": witness or [],
        "reason": reason,
    }
    _ask(ctx, acts.DECIDE_ROUND, params)


@app.command()
def standing(
    ctx: typer.Context,
    found: Round,
    unit: Annotated[str, typer.Argument(help="单位代码。 Code of the unit.")],
    state: Annotated[str, typer.Argument(help="cancelled、withheld 或 rated。 What it is to be.")],
    reason: Reason,
) -> None:
    """提出取消、暂不公布或恢复一个单位的成绩,由另一人确认。 Ask to cancel, withhold or put back a unit's result."""
    from api import acts

    _ask(ctx, acts.SET_STANDING, {"round": found, "unit": unit, "standing": state, "reason": reason})


@app.command()
def borders(ctx: typer.Context, found: Round) -> None:
    """确认最新得分的临界名次(发布角色)。 Confirm the uncertain borders of the newest result (role release)."""
    from survey_models.rounds import deciding

    with desk_of(ctx).work(Role.RELEASE) as work:
        row = deciding.confirm_borders(work.session, found, by=work.by, at=work.at)
    say(f"{found} 的 {row.borders} 处临界名次已确认。", f"{row.borders} uncertain borders of {found} are confirmed.")


@app.command()
def publish(
    ctx: typer.Context,
    found: Round,
    number: Annotated[int, typer.Argument(help="第几份得分,须是最新的。 Number of the result, the newest.")],
) -> None:
    """提出公布,由另一人确认。 Ask to publish the newest result; another person confirms."""
    from api import acts

    _ask(ctx, acts.PUBLISH_ROUND, {"round": found, "no": number})


@app.command()
def history(ctx: typer.Context, found: Round) -> None:
    """与上期比较,以及在期的黄牌。 Every unit beside the round before, and the yellow cards that run."""
    from survey_models.rounds import history, service

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        _, scheme_id, _ = service.with_scheme(session, found)
        before, changes = history.changes(session, found)
        terms = history.terms(session, scheme_id, zone=desk.settings.timezone)
    typer.echo(f"{found} ← {before or '—'}")
    rows = [(c.unit, c.name, c.printed, c.printed_before, c.difference, c.rank, c.rank_before) for c in changes]
    table(["代码 unit", "单位 name", "得分 score", "上期 before", "增减 change", "名次 rank", "上期 before"], rows)
    running = [(t.unit, t.name, t.title[0], t.round_id, t.since, t.until) for t in terms]
    table(["代码 unit", "单位 name", "奖惩", "周期 round", "起 since", "止 until"], running)


def _ask(ctx: typer.Context, kind: str, params: dict[str, Any]) -> None:
    from api import acts
    from survey_models.ledger.events import SYSTEM_LOG

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        act = acts.ask(
            work.session, kind, target=SYSTEM_LOG, by=work.by, at=work.at, settings=desk.settings, params=params
        )
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )
