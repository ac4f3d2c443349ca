"""The JSON Schema of scheme documents (评分办法的 JSON Schema), for editors: what may be written where.

It knows the shape alone; what must hold between the parts is proved by `proving`.
"""

from __future__ import annotations

from typing import Any

from survey_models.schemes.language import Scheme

ADDRESS = "https://json-schema.org/draft/2020-12/schema"
_SET = "OfficeSets"
# Words and the settings themselves are written out; only values may be set by the office.
_AS_WRITTEN = frozenset({"Text", "When", "Setting"})
_NAMES = frozenset({"id", "kind", "scheme", "version", "text", "policy", "settings", "flags", "title", "cite", "at"})


def json_schema() -> dict[str, Any]:
    """The schema, in which ``{setting: name}`` may stand for any value."""
    made = Scheme.model_json_schema()
    for name, model in made["$defs"].items():
        if name not in _AS_WRITTEN:
            _open(model)
    _open(made)
    made["$defs"][_SET] = {
        "type": "object",
        "description": "可设数值：{setting: 名称}。 A value that the office sets.",
        "properties": {"setting": {"type": "string"}},
        "required": ["setting"],
        "additionalProperties": False,
    }
    return {"$schema": ADDRESS, **made}


def _open(model: dict[str, Any]) -> None:
    for name, body in model.get("properties", {}).items():
        if name in _NAMES or body.get("type") in {"array", "object"} or "$ref" in body:
            continue
        ways = body.pop("anyOf", None)
        title = {key: body.pop(key) for key in ("title", "default", "description") if key in body}
        if ways is None:
            ways = [dict(body)]
            body.clear()
        body.update(title, anyOf=[*ways, {"$ref": f"#/$defs/{_SET}"}])
