"""Sentences of the printed report of results (打印报告): Chinese, English."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Say = Callable[..., str]

WORDS: Mapping[str, tuple[str, str]] = {
    "kind": ("测评结果报告", "Report of results"),
    "made_up": ("演示：数据是编造的，不是真实评议的结果。", "A demonstration: the data are made up, nobody was asked."),
    "rehearsal": ("演练：不是正式评议的结果。", "A rehearsal: these are not results of a real appraisal."),
    "ballots": ("计票份数", "Sheets counted"),
    "units": ("被评议单位", "Rated units"),
    "made_at": ("计算时间", "Computed at"),
    "run": ("第几次计算", "Run"),
    "how": ("怎么看", "How to read this"),
    "how.place": (
        "名次后面括号里是数据允许的名次范围，把握 {level}%，同一类别的单位一并成立。范围重叠的单位，先后不必当真。",
        "Behind each place: the places that the data allow, at {level} % for all units of a category together.",
    ),
    "how.interval": (
        "得分后面是 {level}% 置信区间：用同样办法重新抽样，一百次里大约 {level} 次会把真实得分包在里面。",
        "Beside each score: its {level} % interval. Of 100 samples drawn alike about {level} hold the true score.",
    ),
    "how.n": (
        "评议份数不含不了解、空白和无效；有效份数是加权和整群抽样之后，它们顶得上多少份简单随机抽样的问卷。",
        "Judged by: without don't know, blank and invalid. Effective n: worth so many of a simple random sample.",
    ),
    "category": ("{category}（{n} 个单位）", "{category} ({n} units)"),
    "table": ("{category}：得分与名次", "{category}: scores and places"),
    "col.place": ("名次（可能范围）", "Place (possible)"),
    "col.unit": ("单位", "Unit"),
    "col.score": ("得分", "Score"),
    "col.interval": ("{level}% 区间", "{level} % interval"),
    "col.n": ("评议份数", "Judged by"),
    "col.n_eff": ("有效份数", "Effective n"),
    "col.satisfied": ("满意率 %", "Satisfied %"),
    "col.dont_know": ("不了解率 %", "Don't know %"),
    "col.open": ("参考（网络扫码）", "Open QR (for reference)"),
    "col.open_n": ("扫码份数", "Open sheets"),
    "col.open_difference": ("与得分之差", "From the score"),
    "col.open_reference": ("校准后参考", "Calibrated (for reference)"),
    "open.differs": ("差别显著", "differs"),
    "place": ("{rank}（{low}–{high}）", "{rank} ({low}–{high})"),
    "border.first": (
        "前 {k} 名：确定在内的有 {certain} 个单位，可能在内的共 {possible} 个。",
        "The first {k}: {certain} units are surely among them, {possible} possibly.",
    ),
    "border.last": (
        "后 {k} 名：确定在内的有 {certain} 个单位，可能在内的共 {possible} 个。",
        "The last {k}: {certain} units are surely among them, {possible} possibly.",
    ),
    "border.certain": ("确定：{names}。", "Surely: {names}."),
    "border.open": ("可能：{names}。", "Possibly: {names}."),
    "comma": ("、", ", "),
    "picture": ("图，窄屏上可以左右滑动", "Picture, scrolls sideways on a narrow screen"),
    "aside": ("剔除的评议票", "Sheets set aside"),
    "aside.some": (
        "经两人办理剔除 {n} 份，原票保留，得分不含这些票。下表右列是含这些票的得分；一横：作答太少或答案全同，不列。",
        "Two people set {n} sheets aside; nothing is deleted. On the right: scores with them; dash: too few or alike.",
    ),
    "aside.few": (
        "经两人办理剔除 {n} 份，原票保留，得分不含这些票；份数太少，不列含这些票的得分。",
        "Two people set {n} sheets aside; nothing is deleted. They are too few for a second score.",
    ),
    "aside.by": ("第 {act} 项：{n} 份，{where}，{reason}", "Act {act}: {n} sheets, {where}, {reason}"),
    "aside.without": ("得分", "Score"),
    "aside.with": ("含剔除票", "With them"),
    "aside.batch": ("第 {batch} 批评议码", "ticket batch {batch}"),
    "aside.channel": ("渠道 {channel}", "channel {channel}"),
    "aside.cell": (
        "第 {stratum} 层、测评点 {point}、渠道 {channel}",
        "stratum {stratum}, test point {point}, channel {channel}",
    ),
    "aside.upload": ("上传文件 {upload}", "file {upload}"),
    "sample": ("样本与权数", "Sample and weights"),
    "method": ("方法说明", "Method"),
    "steps": ("计算步骤", "Steps of the computation"),
    "check": ("核对", "To check this report"),
    "check.how": (
        "下面的摘要（SHA-256）也写在台账里。输入和结果的摘要带盲值：凭审计包里的盲值，用同样的输入和设定再算一次，应得到同样的摘要。",
        (
            "These digests (SHA-256) stand in the ledger too. Those of inputs and result are blinded: with the values"
            " in the auditor's bundle the same inputs and settings give them again."
        ),
    ),
    "inputs_digest": ("输入摘要", "Digest of the inputs"),
    "estimation_digest": ("估计设定摘要", "Digest of the estimation settings"),
    "result_digest": ("结果摘要", "Digest of the result"),
    "seal": ("盖章处：", "Seal:"),
    "date": ("日期：　　　年　　月　　日", "Date:"),
    "other": ("English", "中文"),
}


def speaker(lang: str) -> Say:
    """Says a sentence in ``lang`` (``zh`` or ``en``), its ``{blanks}`` filled."""
    column = 1 if lang == "en" else 0

    def say(key: str, **values: object) -> str:
        return WORDS[key][column].format(**values)

    return say
