import type { Tallies } from "../parts/shapes";
import { either } from "../parts/i18n";
import { t } from "./words";

export const CUTS = ["unit", "stratum", "kind", "channel"] as const;
export type Cut = (typeof CUTS)[number];
export type Cell = Tallies["cells"][number];

/** Ticked cuts out of an address, in their fixed order; units when it names none. */
export function cutsOf(text: string): Cut[] {
  const named = CUTS.filter((cut) => text.split(",").includes(cut));
  return named.length ? named : ["unit"];
}

export interface Crossed {
  strata: string[];
  /** For each unit the share of the option in each stratum, 0 to 100; null: the cell is not shown. */
  rows: { unit: string; shares: (number | null)[] }[];
}

/** Cells of units and strata as one sheet, units down and strata across, both in the order in which they came. */
export function crossed(cells: readonly Cell[], option: string): Crossed {
  const strata = [...new Set(cells.flatMap((cell) => cell.stratum ?? []))];
  const place = new Map(strata.map((name, at) => [name, at]));
  const rows = new Map<string, (number | null)[]>();
  for (const cell of cells) {
    if (!cell.unit || !cell.stratum) continue;
    const shares = rows.get(cell.unit) ?? strata.map(() => null);
    const sum = Object.values(cell.counts).reduce((whole, n) => whole + n, 0);
    shares[place.get(cell.stratum) ?? 0] = sum ? (100 * (cell.counts[option] ?? 0)) / sum : null;
    rows.set(cell.unit, shares);
  }
  return { strata, rows: [...rows].map(([unit, shares]) => ({ unit, shares })) };
}

interface Option {
  code: string;
  label?: { zh?: string; en?: string };
}
interface Doc {
  scales?: Record<string, { options?: Option[] }>;
  items?: { key: string; kind: string; scale: string }[];
}

export interface Column {
  code: string;
  label: string;
}

/** The columns of a tally: the options of the units' scale in its own words, then blank and invalid. */
export function columnsOf(questionnaire: Record<string, unknown>, cells: readonly Cell[]): Column[] {
  const doc = questionnaire as Doc;
  const scale = doc.items?.find((item) => item.kind === "unit")?.scale ?? "";
  const options = doc.scales?.[scale]?.options ?? [];
  const found = options.map(({ code, label }) => ({ code, label: either(label?.zh, label?.en) || code }));
  const listed = new Set(found.map((one) => one.code));
  const others = [...new Set(cells.flatMap((cell) => Object.keys(cell.counts)))].filter((code) => !listed.has(code));
  return [...found, ...others.map((code) => ({ code, label: t.word("option", code) }))];
}
