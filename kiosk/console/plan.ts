import type { PlanQuestion } from "../parts/shapes";

/** How the answer to a question is written: one line, codes, rows with named columns, or a number for each name. */
export type Shape = { kind: "line" } | { kind: "codes" } | { kind: "rows"; columns: string[] } | { kind: "numbers" };

/** A question's default as it stands in its field. */
export function defaultOf(question: PlanQuestion): string {
  const shape = shapeOf(question);
  return textOf(question.default, shape.kind === "rows" ? shape.columns : undefined);
}

/** The shape that the server's `form` describes. */
export function shapeOf(question: Pick<PlanQuestion, "key" | "form">): Shape {
  const { form } = question;
  if (form.startsWith("[")) return { kind: "codes" };
  const columns = /逐行 \{([^}]*)\}/.exec(form)?.[1];
  if (columns) return { kind: "rows", columns: columns.split(",").map((one) => one.trim()) };
  return form.includes("{") ? { kind: "numbers" } : { kind: "line" };
}

/** The answers that a setting allows, where its document states them; none where any figure or word within limits fits. */
export function choicesOf({ key, form }: Pick<PlanQuestion, "key" | "form">): string[] {
  return (key.startsWith("settings.") || key === "added_lacking") && form.includes("、") ? form.split("、") : [];
}

/** The categories that rows may have, as the server names them. */
export const categoriesOf = ({ form }: Pick<PlanQuestion, "form">): string[] => /类别 (.+)$/.exec(form)?.[1]?.split("、") ?? [];

const whole = (text: string): string | number => (/^\d{1,12}$/.test(text) ? Number(text) : text);
const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);
export const NOBODY = "无";

/** What was typed as the answer that the server reads; null: not answered. */
export function answerOf(question: PlanQuestion, text: string): unknown {
  const said = text.trim();
  if (!said) return null;
  const shape = shapeOf(question);
  if (shape.kind === "codes") return said === NOBODY ? [] : said.split(/[\s,，、;；]+/).filter(Boolean);
  if (shape.kind === "rows") {
    // A single word names what is there already: the windows, a frozen frame.
    if (!/[,，\t\n]/.test(said)) return said;
    return lines(said).map((line) => {
      const cells = line.split(/[,，\t]/).map((cell) => cell.trim());
      return Object.fromEntries(shape.columns.map((name, at) => [name, name === "people" ? whole(cells[at] ?? "") : (cells[at] ?? "")]));
    });
  }
  if (shape.kind === "numbers" && /[:：]/.test(said)) {
    return Object.fromEntries(lines(said).map((line) => line.split(/[:：]/).map((one) => one.trim())).map(([name = "", number = ""]) => [name, whole(number)]));
  }
  return question.key.startsWith("campaigns.") ? whole(said) : said;
}

/** The numbers of `name: number` lines. */
export const numbersIn = (text: string): Record<string, string> =>
  Object.fromEntries(lines(text).map((line) => line.split(/[:：]/).map((one) => one.trim())).map(([name = "", number = ""]) => [name, number]));

/** Such lines in the order of the names; who has no number has no line. */
export const numbersText = (names: readonly string[], numbers: Readonly<Record<string, string>>): string =>
  names.filter((name) => numbers[name]).map((name) => `${name}: ${numbers[name]}`).join("\n");

/** A default as it stands in the field; rows in the order of `columns`, in which they are read back. */
export function textOf(value: unknown, columns?: readonly string[]): string {
  if (value === null || value === undefined) return "";
  const row = (one: object): string => (columns ? columns.map((name) => (one as Record<string, unknown>)[name] ?? "") : Object.values(one)).join(", ");
  if (Array.isArray(value)) return value.length ? value.map((one) => (typeof one === "object" ? row(one as object) : String(one))).join("\n") : NOBODY;
  if (typeof value === "object") return Object.entries(value).map(([name, number]) => `${name}: ${number}`).join("\n");
  return String(value);
}

/** All answers nested as their keys say; what was left empty is not sent. */
export function nested(questions: readonly PlanQuestion[], typed: Readonly<Record<string, string>>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const question of questions) {
    const value = answerOf(question, typed[question.key] ?? "");
    if (value === null) continue;
    const path = question.key.split(".");
    let here = found;
    for (const name of path.slice(0, -1)) here = (here[name] ??= {}) as Record<string, unknown>;
    here[path.at(-1) ?? ""] = value;
  }
  return found;
}
