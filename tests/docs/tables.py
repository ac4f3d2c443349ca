"""The tables of docs/ that are made from the program.

``python -m tests.docs.tables`` writes them anew between their marks; the tests compare them line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic.fields import FieldInfo

from api.settings import Settings
from survey_models.campaigns.rules import RULES, Act
from survey_models.campaigns.tables import State
from survey_models.core.catalogue import CATALOGUE, Entry
from survey_models.findings.machines import KIND_WORDS, MACHINES
from survey_models.findings.moves import Machine
from tests.architecture.tree import ROOT

BEGIN, END = "<!-- made from the program -->", "<!-- end -->"
Cells = Sequence[str]

ACTS = {
    Act.STATE_ESTIMATION: "声明评估方法 · state the estimation",
    Act.SET_NOTICE: "改隐私告知 · change the notice of privacy",
    Act.SEAL: "登记密封公钥 · fix the sealing key",
    Act.SEAL_FIRST: "补登第一把密封公钥 · fix the first sealing key",
    Act.PREPARE: "准备就绪 · declare ready",
    Act.OPEN: "开放 · open",
    Act.CAST: "收评议票 · take a ballot",
    Act.ACCEPT_FILES: "收上传文件 · take contractors' files",
    Act.CHANGE_TICKETS: "作废、补换评议码 · withdraw or replace tickets",
    Act.REISSUE_TICKETS: "重新生成作废批次的评议码 · issue a voided batch anew",
    Act.CLOSE: "结束 · close",
    Act.REOPEN: "重新开放 · open again",
    Act.COUNT: "计票 · begin counting",
    Act.FINISH_COUNT: "计票完成 · finish counting",
    Act.VOID_SEALED: "计票前剔除一批或一个渠道 · set a batch or channel aside, sealed",
    Act.VOID_COUNTED: "计票后剔除单元或文件 · set a cell or file aside, counted",
    Act.SEE_SCORES: "看得分和汇总 · see scores and tallies",
    Act.PUBLISH: "公布 · publish",
}


def table(head: Cells, rows: Iterable[Cells]) -> list[str]:
    """A Markdown table, one line each."""
    lines = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in (head, *rows)]
    return [lines[0], f"|{' --- |' * len(head)}", *lines[1:]]


def errors() -> list[str]:
    """One line for each code of the catalogue, in its order."""
    head = ("code", "status", "发生了什么 · what happened", "怎么办 · what to do next")
    return table(head, (_error(code, entry) for code, entry in CATALOGUE.items()))


def _error(code: str, entry: Entry) -> Cells:
    return (f"`{code}`", str(entry.status), f"{entry.zh}<br>{entry.en}", f"{entry.next_zh}<br>{entry.next_en}")


def states() -> list[str]:
    """Acts by states: where an act leads, or ✓ where it changes nothing; 2 marks an act of two people."""
    head = ("事项 · act", *(f"`{state.value}`" for state in State))
    return table(
        head, ((f"{words} (`{act.value}`)", *(_state(act, state) for state in State)) for act, words in ACTS.items())
    )


def _state(act: Act, state: State) -> str:
    rule = RULES[act]
    if state not in rule.allowed_in:
        return "–"
    leads = "✓" if rule.leads_to is None else f"→ `{rule.leads_to.value}`"
    return f"{leads} ②" if rule.two_people else leads


def settings() -> list[str]:
    """One line for each setting, in the order of the class."""
    head = ("setting", "default", "meaning")
    return table(head, (_setting(name, field) for name, field in Settings.model_fields.items()))


def _setting(name: str, field: FieldInfo) -> Cells:
    prefix = Settings.model_config["env_prefix"]
    return (f"`{prefix}{name}`".upper(), _default(field.default), field.description or "")


def _default(value: Any) -> str:
    if value == "":
        return "(empty)"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def findings() -> list[str]:
    """One line for each step of each machine of findings."""
    head = ("流程 · flow", "环节 · step", "谁 · who", "从 · from", "到 · to", "需要 · needs", "期限 · time limit")
    flows = {id(machine): machine for machine in MACHINES.values()}
    return table(head, (line for machine in flows.values() for line in _steps(machine)))


def _steps(machine: Machine) -> Iterable[Cells]:
    kinds = " ".join(KIND_WORDS[kind][0] for kind, one in MACHINES.items() if one is machine)
    for name, move in machine.moves.items():
        limits = [f"→ {clock}" for clock in move.starts]
        limits += [f"≤ {move.within}"] if move.within else []
        limits += [f"+ {move.extends}"] if move.extends else []
        target = machine.states[move.target].words[0] if move.target else "–"
        yield (
            kinds,
            f"{move.words[0]} · {move.words[1]} (`{name}`){' ①' if move.once else ''}",
            ", ".join(f"`{role}`" for role in move.roles),
            "、".join(machine.states[one].words[0] for one in move.sources),
            target,
            ", ".join(move.needs) or "–",
            ", ".join(limits) or "–",
        )


TABLES = {"errors.md": errors, "states.md": states, "settings.md": settings, "findings.md": findings}


def between_marks(page: str) -> list[str]:
    """The lines of a page that were made from the program."""
    found = re.search(f"{BEGIN}\n(.*?)\n{END}", page, re.DOTALL)
    assert found, f"the page has no marks {BEGIN} … {END}"
    return found[1].strip().splitlines()


def write() -> None:
    """Write every made table anew."""
    for name, make in TABLES.items():
        path = ROOT / "docs" / name
        before, _, rest = path.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
        after = rest.partition(END)[2]
        path.write_text("\n".join([before + BEGIN, "", *make(), "", END + after]), encoding="utf-8")


if __name__ == "__main__":
    write()
