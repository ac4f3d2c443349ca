import type { Estimation } from "../parts/shapes";

/** A number field as the browser gives it: empty text while nothing stands in it. */
export type Entry = number | "";

export interface KnownMargin {
  on: boolean;
  totals: Record<string, Entry>;
}

/** What the form holds: every field there, used or not, so that ticking a box again brings its numbers back. */
export interface Draft {
  estimator: Estimation["estimator"];
  errors: Estimation["errors"];
  replicates: Entry;
  finite: boolean;
  points_as_psu: boolean;
  lonely: Estimation["lonely"];
  classes: boolean;
  by: ("area" | "kind")[];
  min_returned: Entry;
  margins: Record<string, KnownMargin>;
  trimmed: boolean;
  cap: string;
  min_cell: Entry;
  confidence: string;
  borders: Record<string, { first: Entry; last: Entry }>;
  points: Record<string, Entry>;
  people: Record<string, Entry>;
}

type Document = Omit<Estimation, "digest" | "editable" | "items" | "categories">;

export const ESTIMATORS = ["domain", "stratified_mean"] as const;
export const ERRORS = ["linearised", "rao_wu", "jackknife"] as const;
export const LONELY = ["refuse", "collapse", "adjust"] as const;
export const USUAL: ReadonlySet<string> = new Set(["domain", "linearised", "collapse"]);
export const LEVELS = ["0.9", "0.95", "0.99"] as const;

/** The form filled from what the server holds, with an empty field for everything that could be stated. */
export function draftOf(found: Estimation): Draft {
  const stated = new Map(found.margins.map((margin) => [margin.item, margin.totals]));
  const margins = found.items.map((item): [string, KnownMargin] => {
    const totals = stated.get(item.key);
    return [item.key, { on: totals !== undefined, totals: Object.fromEntries(item.options.map(({ code }) => [code, totals?.[code] ?? ""])) }];
  });
  const borders = found.categories.map(({ name }): [string, { first: Entry; last: Entry }] => [
    name,
    { first: found.borders[name]?.first ?? "", last: found.borders[name]?.last ?? "" },
  ]);
  return {
    estimator: found.estimator,
    errors: found.errors,
    replicates: found.replicates,
    finite: found.finite,
    points_as_psu: found.points_as_psu,
    lonely: found.lonely,
    classes: found.nonresponse !== null,
    by: found.nonresponse?.by ?? ["area"],
    min_returned: found.nonresponse?.min_returned ?? 20,
    margins: Object.fromEntries(margins),
    trimmed: found.trim !== null,
    cap: found.trim?.cap_ratio ?? "5",
    min_cell: found.min_cell,
    confidence: found.confidence,
    borders: Object.fromEntries(borders),
    points: { ...found.stages?.points },
    people: { ...found.stages?.people },
  };
}

/** Two stages with finite numbers: then it has to be stated how many points and people exist. */
export const needsStages = (draft: Pick<Draft, "finite" | "points_as_psu">): boolean => draft.finite && draft.points_as_psu;
export const isReplicated = (draft: Pick<Draft, "errors">): boolean => draft.errors !== "linearised";
export const isCalibrated = (draft: Pick<Draft, "margins">): boolean => Object.values(draft.margins).some((margin) => margin.on);

const filled = (entries: Record<string, Entry>): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).filter((pair): pair is [string, number] => pair[1] !== ""));

/** The statement to send. What another choice leaves without meaning is not sent. */
export function documentOf(draft: Draft): Document {
  const borders = Object.entries(draft.borders)
    .map(([name, ends]): [string, Record<string, number>] => [name, filled(ends)])
    .filter(([, ends]) => Object.keys(ends).length);
  return {
    estimator: draft.estimator,
    errors: draft.errors,
    replicates: draft.replicates || 1000,
    finite: draft.finite,
    points_as_psu: draft.points_as_psu,
    lonely: draft.lonely,
    nonresponse: draft.classes ? { by: draft.by, min_returned: draft.min_returned || 1 } : null,
    margins: Object.entries(draft.margins)
      .filter(([, margin]) => margin.on)
      .map(([item, margin]) => ({ item, totals: filled(margin.totals) })),
    trim: draft.trimmed && isCalibrated(draft) ? { cap_ratio: draft.cap } : null,
    min_cell: draft.min_cell || 0,
    confidence: draft.confidence,
    borders: Object.fromEntries(borders),
    stages: needsStages(draft) ? { points: filled(draft.points), people: filled(draft.people) } : null,
  };
}

/** Whether the form says something else than the server holds. */
export const isChanged = (draft: Draft, found: Estimation): boolean =>
  JSON.stringify(documentOf(draft)) !== JSON.stringify(documentOf(draftOf(found)));

/** The people of a margin and each option's share of them; null while nobody is entered. */
export function sharesOf(totals: Record<string, Entry>): { sum: number; shares: Record<string, number | null> } {
  const numbers = filled(totals);
  const sum = Object.values(numbers).reduce((before, number) => before + number, 0);
  const share = (code: string): number | null => (sum && numbers[code] !== undefined ? (100 * numbers[code]) / sum : null);
  return { sum, shares: Object.fromEntries(Object.keys(totals).map((code) => [code, share(code)])) };
}

/** A level of confidence as people say it: `0.95` is 95. */
export const perCent = (level: string): string => String(Math.round(Number(level) * 10000) / 100);
