import type { OpenUnit, ResultRow } from "../parts/shapes";

export interface Axis {
  from: number;
  to: number;
  ticks: number[];
}

/** A figure of the wire (decimal text) as a number for drawing and sorting; printed text stays as it came. */
export const figure = (text: string | null): number | null => (text === null ? null : Number(text));

/** Decimal text rounded for the eye, half up as the printed sheet does. */
export function shown(text: string | null, places: number): string {
  if (text === null) return "—";
  const scale = 10 ** places;
  // The tenth place of nine is never reached by the nudge; it undoes what binary fractions lose at a half.
  return (Math.round(Number(text) * scale + 1e-9) / scale).toFixed(places);
}

/** A difference with its sign, half away from zero as the printed sheet does. */
export function signed(text: string | null): string {
  if (text === null) return "—";
  const below = text.startsWith("-");
  return (below ? "−" : "+") + shown(below ? text.slice(1) : text, 2);
}

/** The open QR's column by unit; empty where the result has none. */
export const besideOf = (open: readonly OpenUnit[]): ReadonlyMap<string, OpenUnit> => new Map(open.map((one) => [one.unit, one]));

/** A sum of weights as people read it: thousands apart, two decimals at most, none where it is whole. */
export const amount = (text: string): string =>
  Number(shown(text, 2)).toLocaleString("en-US", { maximumFractionDigits: 2 });

/** A long whole number with its thousands apart; every other text as it came (digests are digits too, sometimes). */
export const grouped = (text: string): string => (/^\d{5,15}$/.test(text) ? Number(text).toLocaleString("en-US") : text);

/** What an option adds to the sum that a score is made of: weight × score; a dash for what does not judge. */
export const pointsOf = (option: { weighted: string; score: string | null }): string =>
  option.score === null ? "—" : amount(String(Number(option.weighted) * Number(option.score)));

/** One axis for all rows: whole tens around every interval, within 0–100. */
export function axisOf(rows: readonly ResultRow[]): Axis {
  const ends = rows.flatMap((row) => [figure(row.ci_low), figure(row.ci_high)]).filter((end) => end !== null);
  if (!ends.length) return { from: 0, to: 100, ticks: [0, 50, 100] };
  const from = Math.max(0, Math.floor(Math.min(...ends) / 10) * 10);
  const to = Math.min(100, Math.ceil(Math.max(...ends) / 10) * 10);
  return { from, to, ticks: [from, (from + to) / 2, to] };
}

/** The categories in the order of the questionnaire. */
export const categoriesOf = (rows: readonly { category: string }[]): string[] => [
  ...new Set(rows.map((row) => row.category)),
];
