"""``pingyi rounds key-units``: the key units of a round, named after its opinion wave."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem


def key_units(
    ctx: typer.Context,
    found: Annotated[str, typer.Argument(help="周期编号,如 luohe-hangfeng-2015-2016。 Id of the round.")],
    units: Annotated[
        list[str] | None, typer.Argument(help="单位代码;不写即查看。 Codes of the units; none: show them.")
    ] = None,
    *,
    flag: Annotated[str, typer.Option(help="哪个标记;不写即办法里的第一个。 Which flag; none: the first.")] = "",
    people: Annotated[
        list[str] | None,
        typer.Option(help="类别=人数,可以多次;不写即按计划。 RATERS=PEOPLE of the test, may be repeated."),
    ] = None,
    tickets: Annotated[int | None, typer.Option(min=1, help="抽取人数;不写即按计划。 How many are asked.")] = None,
) -> None:
    """征求意见后指定重点评议单位,并建立整改满意率测评。 Name the key units; the test of their rectification is made."""
    from survey_models.rounds import key_units as naming

    desk = desk_of(ctx)
    if not units:
        with desk.look(*OFFICE) as session:
            stands = naming.standing(session, found)
    else:
        with desk.work(Role.SETUP) as work:
            open_ones = naming.standing(work.session, found)
            own = _sizes(people or (), tickets)
            kinds = [kind.id for one in open_ones if flag in {"", one.flag} for kind in one.kinds][:1] if own else []
            wanted = naming.Naming(tuple(units), flag, dict.fromkeys(kinds, own))
            stands = [naming.name(work.session, found, wanted, by=work.by, at=work.at)]
        made = "、".join(stands[0].campaigns)
        say(f"{found} 的重点评议单位已指定,已建立 {made}。", f"The key units of {found} are named; {made} is made.")
    rows = [(one.flag, one.title[0], "、".join(one.named) or "—", "、".join(one.campaigns) or "—") for one in stands]
    table(["标记 flag", "", "单位 units", "评议 campaign"], rows)


def _sizes(people: Any, tickets: int | None) -> dict[str, Any]:
    """Sizes of the test as they were given."""
    found: dict[str, Any] = {}
    for pair in people:
        rater, _, number = pair.partition("=")
        if not number.isdecimal():
            raise Problem("request_malformed", where="--people")
        found.setdefault("people", {})[rater] = int(number)
    return {**found, **({} if tickets is None else {"tickets": tickets})}
