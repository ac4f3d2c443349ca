"""The sentences of faults (差错说明): code -> Chinese, English. ``{names}`` are filled in by the proof."""

from __future__ import annotations

# What YAML is and how a value is written.
READING = {
    "yaml": ("不是合格的 YAML：{said}。", "This is not YAML: {said}."),
    "not_a_document": ("文件里没有评分办法。", "The file holds no scheme."),
    "too_large": ("文件过大：上限 {limit}。", "The file is too large: the limit is {limit}."),
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
}

WORDS: dict[str, tuple[str, str]] = {**READING, **NAMES}
