"""The sentences of faults (差错说明): code -> Chinese, English. ``{names}`` are filled in by the proof."""

from __future__ import annotations

# What YAML is and how a value is written.
READING = {
    "yaml": ("不是合格的 YAML：{said}。", "This is not YAML: {said}."),
    "not_a_document": ("文件里没有评分办法。", "The file holds no scheme."),
    "too_large": ("文件过大：上限 {limit}。", "The file is too large: the limit is {limit}."),
    "too_deep": ("层数过多：上限 {limit} 层。", "Too many levels: the limit is {limit}."),
    "cyclic": ("这里包含了它自己（循环引用）。", "This contains itself (a cycle)."),
    "tag": ("不能写类型标记“{tag}”。", "A type tag such as {tag} is not allowed."),
    "key": ("名称必须是一个词。", "A name must be one word."),
    "merge": ("“<<”后面要写一个带名称的部分。", "What follows << must be a mapping."),
    "duplicate_key": ("“{key}”写了两次。", "{key} is written twice."),
    "decimal_comma": ("小数要用小数点，不能用逗号：{text}。", "Write a decimal point, not a comma: {text}."),
    "number": ("“{text}”不是数字；请写 20 或 0.5 这样的数。", "{text} is not a number; write one such as 20 or 0.5."),
    "float": ("不能用浮点数 {text}；请写成文字形式的小数。", "{text} is a float; write an exact decimal."),
    "missing": ("缺少“{field}”。", "{field} is missing."),
    "unknown_field": ("没有“{field}”这一项。", "There is no field {field}."),
    "source_unknown": (
        "没有这种得分来源：{text}；可用：{known}。",
        "Unknown kind of source {text}; there are: {known}.",
    ),
    "choice": ("“{text}”不在可选范围：{known}。", "{text} is none of: {known}."),
    "shape": ("这里写得不对：{said}。", "This is not written as it must be: {said}."),
    "whole": ("这里要写整数：{text}。", "Write a whole number: {text}."),
    "least": ("太小：{text}，至少 {least}。", "{text} is too small: at least {least}."),
    "empty": ("这里不能为空。", "This must not be empty."),
    "few": ("这里至少要有 {least} 项。", "At least {least} are needed here."),
    "text": ("这里要写文字：{text}。", "Write words here: {text}."),
    "list": ("这里要写成列表，如 [a, b]。", "Write a list such as [a, b]."),
    "mapping": ("这里要写成“名称: 值”。", "Write names and values here."),
    "name": (
        "“{text}”不能用作名称：用字母开头的字母、数字、下划线，代码用小写字母、数字和“-”。",
        "{text} cannot be a name: letters, digits and _ after a letter; small letters, digits and - for a slug.",
    ),
    "yes_no": ("这里写 true 或 false：{text}。", "Write true or false: {text}."),
    "ways": (
        "一行只能有 parts、mean、choose、source 中的一种。",
        "A part has exactly one of parts, mean, choose, source.",
    ),
    "unmarked": (
        "既没有引文（cite），也没有说明是自定的（assumed）。",
        "Neither a quotation (cite) nor a marked silence (assumed).",
    ),
    "quotation_short": ("引文至少 8 个字：“{text}”。", "A quotation has at least 8 characters: {text}."),
}

# What one part of the document says of another.
NAMES = {
    "setting_unknown": ("没有“{name}”这个可设数值。", "There is no setting {name}."),
    "setting_unused": ("可设数值“{name}”没有用到。", "The setting {name} is not used."),
    "setting_out": ("可设数值 {value} 超出范围 {low} 至 {high}。", "The setting {value} is outside {low} to {high}."),
    "duplicate": ("“{name}”出现了两次。", "{name} stands twice."),
    "cyclic_after": ("“{name}”绕回了自己（循环引用）。", "{name} leads back to itself."),
    "rule_unknown": ("没有扣分项或加分项“{name}”。", "There is no rule {name}."),
    "part_unknown": ("没有可以扣分的一行“{name}”。", "There is no line {name} that takes cases."),
    "map_unknown": ("没有选项分值“{name}”。", "There is no option map {name}."),
    "campaign_unknown": ("没有评议活动“{name}”。", "There is no campaign {name}."),
    "category_unknown": ("没有单位类别“{name}”。", "There is no category {name}."),
    "flag_unknown": ("没有单位标记“{name}”；请在 flags 里写明。", "There is no flag {name}; name it under flags."),
    "flag_missing": ("flagged 要写明 flag（哪种标记的单位）。", "flagged needs a flag: which units?"),
    "grade_unknown": ("没有等次“{name}”。", "There is no grade {name}."),
    "consequence_unknown": ("没有奖惩“{name}”。", "There is no consequence {name}."),
    "chain_unknown": (
        "同分比较的“{name}”不存在：写一行的 id、satisfied 或 draw。",
        "{name} separates nobody: name a part, satisfied or draw.",
    ),
    "chain_after_draw": ("抽签之后的“{name}”用不上。", "{name} comes after the lot and is never reached."),
    "chain_no_draw": ("不得并列时，最后要有抽签（draw）。", "Without ties the chain has to end in draw."),
    "right_unknown": ("没有任何情形会失去“{name}”。", "No case costs the right {name}."),
    "right_unused": ("失去“{name}”没有对应的奖惩。", "Losing the right {name} has no consequence."),
    "reference_self": ("不能引用本办法自己的得分。", "A scheme cannot refer to its own scores."),
    "text_unknown": (
        "没有政策原文“{name}”（随附：{known}）；自己的原文请写在 policy 里。",
        "There is no policy text {name} (there are: {known}); put a text of your own under policy.",
    ),
    "quotation_false": ("原文里找不到这段引文：“{text}”。", "The policy's text does not contain: {text}."),
    "file_unknown": ("没有单位名单“{name}”；有：{known}。", "There is no unit list {name}; there are: {known}."),
    "unit_unknown": ("单位名单里没有“{name}”。", "The unit list has no {name}."),
    "units_differ": (
        "类别“{category}”写明 {stated} 个单位，名单有 {listed} 个。",
        "The category {category} states {stated} units, the list has {listed}.",
    ),
    "office_missing": ("没有写明由哪个机构评分。", "The office that gives the points is not named."),
    "due": (
        "期限“{text}”写法不对：写 MM-DD、+1 MM-DD、end 或 day N。",
        "The due day {text} is none of MM-DD, +1 MM-DD, end, day N.",
    ),
    "period_longer": ("周期“{per}”比一轮（{each}）还长。", "A {per} is longer than a round ({each})."),
    "year_never": ("没有年度得分（cadence.year），这一条不会发生。", "There is no score of the year (cadence.year)."),
}

# Points, shares, limits, quotas.
POINTS = {
    "negative": (
        "{value} 太小：不能为负（满分、系数、名额须大于 0）。",
        "{value} is too small: nothing is negative here.",
    ),
    "percent": ("{value} 不是 0 至 100 的百分比。", "{value} is not a percentage from 0 to 100."),
    "points_sum": ("各行合计 {found} 分，应为 {most} 分。", "The lines add up to {found} points instead of {most}."),
    "points_mean": (
        "取平均的各行满分须与上一行相同：{found}，应为 {most}。",
        "Lines of a mean have the points of their parent: {found} instead of {most}.",
    ),
    "choose_order": (
        "前面的情形已包括其余全部单位，这一情形用不上。",
        "The case before takes all units: this one is never used.",
    ),
    "choose_open": (
        "最后一个情形不要写 when，否则有的单位没有得分。",
        "The last case has no when, else units are left without points.",
    ),
    "shares_sum": ("份额合计 {found}，应为 100。", "The shares add up to {found} instead of 100."),
    "tiers_sum": ("各档比例合计 {found}，应为 100。", "The tiers add up to {found} percent instead of 100."),
    "tiers_order": ("各档分值要从高到低。", "The points of tiers must fall from tier to tier."),
    "tier_above": ("这一档 {points} 分，超过本行满分 {most}。", "{points} points are more than the line's {most}."),
    "tier_unreachable": ("没有单位能进入这一档。", "No unit can reach this tier."),
    "floor_above": ("下限 {floor} 高于起点 {start}。", "The floor {floor} is above the start {start}."),
    "limits_crossed": ("下限 {low} 高于上限 {high}。", "The lower limit {low} is above the upper limit {high}."),
    "clamp": ("加分上限不能为负，减分下限不能为正：{low}、{high}。", "Adjustments reach from 0 or less to 0 or more."),
    "rule_idle": (
        "这一项没有分值、不计零分、也不取消资格。",
        "This rule does nothing: no points, no zero, no right lost.",
    ),
    "option_missing": ("选项“{option}”没有分值。", "The option {option} has no number."),
    "option_out": ("选项“{option}”的分值 {value} 不在 0 至 100。", "{option} counts {value}, not 0 to 100."),
    "option_order": ("选项“{option}”的分值高于更好的选项。", "{option} counts more than a better option."),
    "option_not_judging": ("“{option}”不是评价，分值要写 null。", "{option} judges nothing: write null."),
    "pass_above": (
        "达标线 {least} 高于最高可得的 {most} 分。",
        "Nobody can pass: {least} is above the most of {most}.",
    ),
    "grade_ways": (
        "一个等次只能有 first、share、least 中的一种。",
        "A grade has exactly one of first, share and least.",
    ),
    "bands_overlap": ("两个等次的下限都是 {least}。", "Two grades begin at {least}."),
    "bands_order": (
        "等次要从高到低：{least} 高于前一等次的 {above}。",
        "Grades go down: {least} is above {above} before it.",
    ),
    "bands_gap": ("低于 {least} 分的单位没有等次。", "Units below {least} have no grade."),
    "grade_unreachable": ("没有单位能得到等次“{name}”。", "No unit can get the grade {name}."),
    "grades_sum": ("比例合计超过 100%。", "The shares add up to more than 100 percent."),
    "quota_above": (
        "名额 {wanted} 多于单位数 {units}（类别：{category}）。",
        "{wanted} places for {units} units (category: {category}).",
    ),
    "quota_sum": (
        "类别“{category}”名额合计 {wanted}，单位只有 {units} 个。",
        "The places in {category} add up to {wanted} for {units} units.",
    ),
    "consequence_ways": (
        "一条奖惩只能有一种确定单位的办法。",
        "A consequence has exactly one way to pick units.",
    ),
    "consecutive_at": (
        "连续的“{name}”须同为每轮或同为年度。",
        "{name} must fall due in rounds, or in years, as this does.",
    ),
    "ranking_missing": ("按名次确定单位，但没有 ranking。", "Units are picked by place, but there is no ranking."),
    "pass_missing": ("按未达标确定单位，但没有 passes。", "Units are picked by failing, but there is no pass."),
}

WORDS: dict[str, tuple[str, str]] = {**READING, **NAMES, **POINTS}
