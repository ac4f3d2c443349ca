import { either } from "../parts/i18n";

/** Words in two languages, as a scheme document has them. */
export interface Words {
  zh: string;
  en: string;
}

export interface Cited {
  cite?: string[];
  at?: string;
  article?: string;
  assumed?: Words;
}

export interface SchemeRule extends Cited {
  id: string;
  title: Words;
  points?: string | string[] | { low: string; high: string };
  after?: string;
  zero?: boolean;
  second_person?: boolean;
  lost?: string;
}

export interface SchemeSource {
  kind: string;
  campaigns?: { campaign: string; share: string }[];
  office?: string;
  scale?: string;
  scheme?: string;
  panel?: number;
  rules?: SchemeRule[];
  per?: string;
  same_matter?: string;
  tiers?: { title: Words; share: string; points: string }[];
  step?: string;
}

interface When {
  flags?: string[];
  without?: string[];
  categories?: string[];
}

export interface SchemeAdjustment extends Cited {
  id: string;
  title: Words;
  low: string;
  high: string;
  office?: string;
  bonuses?: SchemeRule[];
  penalties?: SchemeRule[];
}

export interface SchemePart extends Cited {
  id: string;
  title: Words;
  points: string;
  factor?: string;
  when?: When;
  parts?: SchemePart[];
  mean?: SchemePart[];
  choose?: { when?: When; parts: SchemePart[] }[];
  source?: SchemeSource;
  adjust?: SchemeAdjustment;
}

export interface SchemeSetting extends Cited {
  title: Words;
  value: unknown;
  choices?: unknown[];
  low?: string;
  high?: string;
}

export interface SchemeConsequence extends Cited {
  id: string;
  title: Words;
  kind: string;
  first?: number | Record<string, number>;
  last?: number;
  first_percent?: string;
  months?: number;
}

/** The canonical document as far as its page shows it; amounts are text, what stands at its default is left out. */
export interface SchemeDoc {
  title: Words;
  settings?: Record<string, SchemeSetting>;
  flags?: Record<string, Words>;
  maps?: Record<string, Cited & { options: Record<string, string | null> }>;
  total: SchemePart;
  adjustments?: SchemeAdjustment[];
  cadence: Cited & { each: string; year?: string };
  ranking?: Cited;
  grades?: (Cited & { id: string; title: Words })[];
  passes?: Cited & { least: string };
  consequences?: SchemeConsequence[];
  campaigns?: (Cited & { id: string; title: Words; tickets?: number })[];
  duties?: (Cited & { id: string; title: Words; who: string; due: string })[];
}

export const inWords = (words: Words | undefined): string => (words ? either(words.zh, words.en) : "");

/** One row of the tree: a part, a rule of a part, or the words that head a case. */
export interface SchemeRow {
  key: string;
  depth: number;
  title: string;
  /** Points of a part; a rule's points with their sign; empty where a row has none. */
  points: string;
  /** The bar: where it begins and how long it is, of a hundred. */
  bar: { from: number; length: number } | null;
  cited: Cited;
  source?: SchemeSource;
  when?: string[];
}

const number = (text: string | undefined): number => Number(text ?? 0);

function priced(rule: SchemeRule, sign: string): string {
  const { points } = rule;
  if (rule.zero) return "= 0";
  if (points === undefined) return "";
  if (Array.isArray(points)) return sign + points.join(" / ");
  return sign + (typeof points === "string" ? points : `${points.low}–${points.high}`);
}

const signedPoints = (text: string): string => (number(text) > 0 ? `+${text}` : text.replace("-", "−"));
const between = (low: string, high: string): string => (low === high ? signedPoints(low) : `${signedPoints(low)} … ${signedPoints(high)}`);

/** The tree of parts as rows: a part's bar lies inside the bar of the part above it. */
export function schemeRows(doc: SchemeDoc): SchemeRow[] {
  const whole = Math.max(number(doc.total.points), 1);
  const rows: SchemeRow[] = [];

  function rule(one: SchemeRule, owner: string, depth: number, sign: string): void {
    rows.push({ key: `${owner}/${one.id}`, depth, title: inWords(one.title), points: priced(one, sign), bar: null, cited: one });
  }

  function adjustment(one: SchemeAdjustment, depth: number): void {
    rows.push({ key: one.id, depth, title: inWords(one.title), points: between(one.low, one.high), bar: null, cited: one });
    one.bonuses?.forEach((each) => rule(each, one.id, depth + 1, "+"));
    one.penalties?.forEach((each) => rule(each, one.id, depth + 1, "−"));
  }

  /** `scale`: hundredths of the picture for one point of this part. */
  function part(one: SchemePart, key: string, depth: number, from: number, scale: number): void {
    const length = number(one.points) * scale;
    rows.push({ key, depth, title: inWords(one.title), points: one.points, bar: { from, length }, cited: one, source: one.source, when: wordsOf(one.when) });
    let at = from;
    for (const child of one.parts ?? []) {
      const inside = scale * number(child.factor ?? "1");
      part(child, `${key}/${child.id}`, depth + 1, at, inside);
      at += number(child.points) * inside;
    }
    for (const child of one.mean ?? []) part(child, `${key}/${child.id}`, depth + 1, from, length / Math.max(number(child.points), 1));
    one.choose?.forEach((choice, no) => {
      let place = from;
      for (const child of choice.parts) {
        const inside = scale * number(child.factor ?? "1");
        const own = wordsOf(choice.when);
        part(child, `${key}/${no}/${child.id}`, depth + 1, place, inside);
        const row = rows.find((each) => each.key === `${key}/${no}/${child.id}`);
        if (row) row.when = [...(own.length ? own : ["otherwise"]), ...(row.when ?? [])];
        place += number(child.points) * inside;
      }
    });
    one.source?.rules?.forEach((each) => rule(each, key, depth + 1, "−"));
    if (one.adjust) adjustment(one.adjust, depth + 1);
  }

  part(doc.total, doc.total.id, 0, 0, 100 / whole);
  doc.adjustments?.forEach((one) => adjustment(one, 0));
  return rows;
}

export interface PricedRule {
  component: string;
  rule: string;
  title: string;
  /** Open amounts: those to choose from, or the limits between which one lies; null: the rule says it all. */
  open: string[] | { low: string; high: string } | null;
  /** A discretionary amount: another person approves it. */
  second: boolean;
  /** Each case belongs to a month or a quarter of the round. */
  per: string | null;
  /** It adds to the total, or takes from it, and is no line of it. */
  outside: boolean;
}

/** Every rule that prices a case, with the line it belongs to: what a finding may cost, or bring. */
export function pricedRules(doc: SchemeDoc): PricedRule[] {
  const found = new Map<string, PricedRule>();
  const add = (component: string, line: string, rules: SchemeRule[] = [], { sign = "−", per, outside = false }: { sign?: string; per?: string; outside?: boolean } = {}): void =>
    rules.forEach((one) => {
      const open = one.points && typeof one.points === "object" ? one.points : null;
      const costs = priced(one, sign);
      const title = `${line} · ${inWords(one.title)}${costs && ` (${costs})`}`;
      found.set(`${component}/${one.id}`, { component, rule: one.id, title, open, second: one.second_person ?? false, per: per ?? null, outside });
    });
  // Several boards may each have an adjustment of the same name: their own names stand before it.
  function adjustment(one: SchemeAdjustment, board = ""): void {
    const line = [board, inWords(one.title)].filter(Boolean).join(" · ");
    add(one.id, line, one.bonuses, { sign: "+", outside: true });
    add(one.id, line, one.penalties, { outside: true });
  }
  function part(one: SchemePart): void {
    add(one.id, inWords(one.title), one.source?.rules, { per: one.source?.per });
    if (one.adjust) adjustment(one.adjust, inWords(one.title));
    [...(one.parts ?? []), ...(one.mean ?? []), ...(one.choose ?? []).flatMap((choice) => choice.parts)].forEach(part);
  }
  part(doc.total);
  doc.adjustments?.forEach((one) => adjustment(one));
  return [...found.values()];
}

/** The months ("2015-03") or whole quarters ("2015Q1") of a round, from its first day to its last. */
export function periodsOf(per: string | null, first: string | null, last: string | null): string[] {
  if (!first || !last || (per !== "month" && per !== "quarter")) return [];
  const months: number[] = [];
  const at = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  for (let month = at(first); month <= at(last); month += 1) months.push(month);
  const year = (month: number): number => Math.floor(month / 12);
  if (per === "month") return months.map((month) => `${year(month)}-${String((month % 12) + 1).padStart(2, "0")}`);
  return months.filter((month) => month % 3 === 0 && months.includes(month + 2)).map((month) => `${year(month)}Q${(month % 12) / 3 + 1}`);
}

/** What a condition asks of a unit, as words to be translated one by one: a flag, `!flag`, or a category. */
export function wordsOf(when: When | undefined): string[] {
  if (!when) return [];
  return [...(when.flags ?? []), ...(when.without ?? []).map((flag) => `!${flag}`), ...(when.categories ?? [])];
}

/** How many lines of a document are the office's own, and how many are quoted. */
export function restsOn(doc: unknown): { quoted: number; assumed: number } {
  const sum = { quoted: 0, assumed: 0 };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (!value || typeof value !== "object") return;
    const line = value as Cited;
    if (Array.isArray(line.cite) && line.cite.length) sum.quoted += 1;
    if (line.assumed) sum.assumed += 1;
    Object.values(value).forEach(walk);
  };
  walk(doc);
  return sum;
}

/** A setting's value or limit as text: what came as text stays as it came. */
export const plainly = (value: unknown): string => (Array.isArray(value) ? value.map(plainly).join(" / ") : String(value ?? "—"));
