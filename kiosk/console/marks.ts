import type { MarkStanding, PartMarks } from "../parts/shapes";
import { asForm } from "./sending";
import { api, ask } from "./session";

/** One part of a round that an office marks, and how far its marks are. */
export interface MarkedPart {
  part: string;
  title: string;
  title_en: string;
  office: string;
  due: string | null;
  all: number;
  counted: number;
  waiting: number;
  missing: number;
  late: number;
}

/** The parts in their order, each with how many of its marks count, wait for approval, are missing or late. */
export function partsOf(rows: readonly MarkStanding[]): MarkedPart[] {
  const found = new Map<string, MarkedPart>();
  for (const row of rows) {
    const { part, title, title_en, office, due } = row;
    const one = found.get(part) ?? { part, title, title_en, office, due, all: 0, counted: 0, waiting: 0, missing: 0, late: 0 };
    one.all += 1;
    one.counted += Number(row.state === "counted");
    one.waiting += Number(row.state === "waiting");
    one.missing += Number(row.state === "missing" || row.state === "few");
    one.late += Number(row.late);
    found.set(part, one);
  }
  return [...found.values()];
}

/** How many marks of a round do not count yet. */
export const lacking = (rows: readonly MarkStanding[]): number => rows.filter((row) => row.state !== "counted").length;

type Mark = PartMarks["marks"][number];

/** The newest version of each unit's mark by one member; an empty member: of an office that marks alone. */
export function newest(marks: readonly Mark[], member: string): ReadonlyMap<string, Mark> {
  const found = new Map<string, Mark>();
  for (const mark of marks) {
    const kept = found.get(mark.unit);
    if (mark.member === member && (!kept || kept.version < mark.version)) found.set(mark.unit, mark);
  }
  return found;
}

/** What stood before each newest mark that corrects one, with its reason; by unit, of one member. */
export function corrected(marks: readonly Mark[], member: string): ReadonlyMap<string, { version: number; before: string; reason: string }> {
  const found = new Map<string, { version: number; before: string; reason: string }>();
  for (const [unit, mark] of newest(marks, member)) {
    const old = marks.find((one) => one.unit === unit && one.member === member && one.version === mark.version - 1);
    if (old) found.set(unit, { version: mark.version, before: old.value ?? "—", reason: mark.reason });
  }
  return found;
}

export interface MarkEntry {
  unit: string;
  value: string;
  member: string;
  reason: string;
}

/** What was typed and is not known yet; a correction carries the reason. */
export function entriesOf(typed: Record<string, string>, known: ReadonlyMap<string, Mark>, member: string, reason: string): MarkEntry[] {
  return Object.entries(typed)
    .map(([unit, value]) => ({ unit, value: value.trim(), member, reason: known.has(unit) ? reason.trim() : "" }))
    .filter(({ unit, value }) => value !== "" && value !== known.get(unit)?.value);
}

/** Send a filled workbook as it is, with the signed paper beside it where there is one; `dry`: only have it checked. */
export const sendMarks = (round: string, part: string, file: File, paper: File | null, dry: boolean) =>
  ask(api.POST("/api/marks/files", { params: { query: { round, part, filename: file.name, dry_run: dry } }, ...asForm({ file, attachment: paper }) }));

/** The workbook with its faulty cells marked. */
export const markedMarks = (round: string, part: string, file: File): Promise<unknown> =>
  ask(api.POST("/api/marks/files/marked", { params: { query: { round, part, filename: file.name } }, ...asForm({ file }), parseAs: "blob" }));
