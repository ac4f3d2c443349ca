import type { CardLine, CardRow, Named, Round } from "../parts/shapes";
import { either } from "../parts/i18n";
import type { Axis } from "./results";
import type { StepState } from "./road";
import { sorted } from "./sorting";

export const ROUND_STEPS = ["scheme", "campaigns", "marks", "findings", "score", "questions", "publish"] as const;
export type RoundStepName = (typeof ROUND_STEPS)[number];

export interface RoundStep {
  name: RoundStepName;
  state: StepState;
  /** What the sentence beside the step counts. */
  values: Record<string, number | string>;
  /** The score is there and out of date. */
  stale: boolean;
}

/** What is known beside the round itself; null: not known, or there is nothing of the kind. */
export interface Beside {
  marksMissing: number | null;
  findingsOverdue: number | null;
}

const COUNTED = ["counted", "published"];

export const countedOf = (round: Pick<Round, "campaigns">): number =>
  round.campaigns.filter((one) => COUNTED.includes(one.state)).length;

/** How much of the newest result is still to be decided: questions, and borders that nobody has confirmed. */
export const openOf = (result: NonNullable<Round["result"]>): number =>
  result.questions + (result.borders_confirmed_by ? 0 : result.borders);

/** A round as a road: what is behind it, where it stands, what lies ahead. Several steps may be due at once. */
export function roundRoad(round: Round, beside: Beside): RoundStep[] {
  const [counted, all] = [countedOf(round), round.campaigns.length];
  const { marksMissing: missing, findingsOverdue: overdue } = beside;
  const { result } = round;
  const due = (left: number | null): StepState => (left === null ? "none" : left ? "now" : "done");
  const ready = counted === all && !missing;
  const open = result ? openOf(result) : 0;
  const isOut = result !== null && result.published_no === result.no;
  // What it read has changed since: before anything else it is scored anew.
  const stale = result?.stale ?? false;
  const states: Record<RoundStepName, [StepState, RoundStep["values"]]> = {
    scheme: [round.scheme_id ? "done" : "none", { version: round.scheme_version ?? "" }],
    campaigns: [all ? due(all - counted) : "none", { counted, all, left: all - counted }],
    marks: [due(missing), { missing: missing ?? 0 }],
    findings: [due(overdue), { overdue: overdue ?? 0 }],
    score: [stale ? "now" : result ? "done" : round.scheme_id && ready ? "now" : "later", { no: result?.no ?? "" }],
    questions: [result ? due(open) : "later", { questions: result?.questions ?? 0, borders: open - (result?.questions ?? 0), open }],
    publish: [isOut ? "done" : result && !open && !stale ? "now" : "later", { no: result?.published_no ?? result?.no ?? "" }],
  };
  return ROUND_STEPS.map((name) => ({ name, state: states[name][0], values: states[name][1], stale: name === "score" && stale }));
}

export interface Group {
  category: string;
  rows: CardRow[];
  /** Units with a place. */
  ranked: number;
}

/** The units by category, the first place first; those without a place stand at the end. */
export function byCategory(rows: readonly CardRow[]): Group[] {
  const found = new Map<string, CardRow[]>();
  for (const row of rows) found.set(row.category, [...(found.get(row.category) ?? []), row]);
  return [...found].map(([category, all]) => ({
    category,
    rows: sorted(all, (row) => row.rank),
    ranked: all.filter((row) => row.rank !== null).length,
  }));
}

/** The axis of places of a category. */
export function placesAxis(units: number): Axis {
  const to = Math.max(units, 2);
  return { from: 1, to, ticks: [1, Math.round((1 + to) / 2), to] };
}

export type Names = ReadonlyMap<string, Named>;
export const namesOf = (names: readonly Named[]): Names => new Map(names.map((one) => [one.id, one]));

/** The words of an id of the scheme; the id where the scheme has no words for it. */
export const called = (names: Names, id: string): string => {
  const one = names.get(id);
  return one ? either(one.title, one.title_en) : id;
};

/** Whether some unit's rank set reaches over more than its own place. */
export const isUncertain = (row: Pick<CardRow, "rank" | "rank_low" | "rank_high">): boolean =>
  row.rank !== null && row.rank_low !== null && row.rank_high !== null && row.rank_low !== row.rank_high;

/** A fraction of the wire ("17/2", "8") as a number for drawing. */
export function ratio(text: string | null): number | null {
  if (text === null) return null;
  const [above, below = "1"] = text.split("/");
  return Number(above) / Number(below);
}

/** Points of a line as a part of the most it can reach, 0 to 100 for a bar. */
export function filled(points: number | null, most: number): number {
  if (points === null || most <= 0) return 0;
  return Math.min(100, Math.max(0, (100 * points) / most));
}

/** Points as people read them: at most two decimals, none where they are whole. */
export const inPoints = (text: string): string => {
  const value = ratio(text) ?? 0;
  return Number(value.toFixed(2)).toString().replace("-", "−");
};

/** All lines below and with `line`, the line first. */
export const linesOf = (line: CardLine): CardLine[] => [line, ...line.children.flatMap(linesOf)];

/** How a unit moved from one place to another: up is a smaller number. */
export function moved(now: number | null, then: number | null): "up" | "down" | "same" | "none" {
  if (now === null || then === null) return "none";
  return now < then ? "up" : now > then ? "down" : "same";
}
