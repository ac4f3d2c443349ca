import { stamp } from "../parts/time";
import { t } from "./words";

// What every body repeats stands in columns of its own; the blinding value of the system's entries tells nobody anything.
const ELSEWHERE = new Set(["event", "log", "blind"]);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:/;

/** A value of a ledger body for people: instants in local time, acts by their name, lists and pairs in a row. */
export function told(name: string, value: unknown): string {
  if (value === null || value === "") return "—";
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (Array.isArray(value)) return value.map((one) => told(name, one)).join(t("listComma")) || "—";
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([key, one]) => `${t.word(name === "channels" ? "channel" : "body", key)} ${told(key, one)}`);
    return pairs.join(t("listComma")) || "—";
  }
  if (typeof value === "string" && INSTANT.test(value)) return stamp(value);
  const family = { kind: "act", roles: "role", purpose: "purpose" }[name];
  return family ? t.word(family, String(value)) : String(value);
}

/** The fields of a ledger body as pairs of words. */
export const fieldsOf = (body: Record<string, unknown>): [string, string][] =>
  Object.entries(body)
    .filter(([name]) => !ELSEWHERE.has(name))
    .map(([name, value]) => [t.word("body", name), told(name, value)]);
