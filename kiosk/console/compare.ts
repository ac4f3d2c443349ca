import type { SchemeRow, Shift } from "../parts/shapes";
import { moved } from "./rounds";
import { plainly, type SchemeDoc } from "./scheme";

/** What a person has typed so far: settings by name, numbers of options by map; all of it text. */
export interface CompareDraft {
  /** Another scheme: "name" of a preset, "name version" of a stored one; empty: the round's own. */
  scheme: string;
  /** Another stored version of the scheme, as text; empty: the one in force. */
  version: string;
  settings: Record<string, string>;
  maps: Record<string, Record<string, string>>;
}

/** What is in force, as a draft to begin with. */
export function draftOf(doc: SchemeDoc, settings: Record<string, unknown>): CompareDraft {
  const set = Object.entries(doc.settings ?? {}).map(([name, one]) => [name, plainly(settings[name] ?? one.value)]);
  const maps = Object.entries(doc.maps ?? {}).map(([name, map]) => [
    name,
    Object.fromEntries(Object.entries(map.options).map(([word, value]) => [word, value ?? ""])),
  ]);
  return { scheme: "", version: "", settings: Object.fromEntries(set), maps: Object.fromEntries(maps) };
}

/** What differs from what is in force: the body of the question to the server. Null: nothing differs. */
export function otherRules(draft: CompareDraft, now: CompareDraft) {
  const [scheme = "", version] = draft.scheme.split(" ");
  // Settings and option numbers on the page are those of the round's own scheme.
  if (scheme) return { scheme, settings: {}, maps: {}, version: version ? Number(version) : null };
  const settings = Object.fromEntries(Object.entries(draft.settings).filter(([name, value]) => value !== now.settings[name]));
  const maps = Object.fromEntries(
    Object.entries(draft.maps)
      .filter(([name, options]) => Object.entries(options).some(([word, value]) => value !== now.maps[name]?.[word]))
      .map(([name, options]) => [name, Object.fromEntries(Object.entries(options).map(([word, value]) => [word, value === "" ? null : value]))]),
  );
  if (!draft.version && !Object.keys(settings).length && !Object.keys(maps).length) return null;
  return { scheme: "", settings, maps, version: draft.version ? Number(draft.version) : null };
}

/** The schemes that a round can be compared under: stored ones of another name, each version, and the presets. */
export function otherSchemes(stored: readonly SchemeRow[], presets: readonly string[], own: string) {
  const rows = stored.filter((one) => one.id !== own);
  return {
    stored: rows.map((one) => ({ key: `${one.id} ${one.version}`, title: one.title, version: one.version })),
    presets: presets.map((name) => ({ key: name, title: name })),
  };
}

export interface Slope {
  unit: string;
  name: string;
  /** Where the line begins and ends: the place, and how many stand above it on the same place. */
  from: number;
  to: number;
  way: "up" | "down" | "same" | "none";
}

/** The lines of one category's picture; units without a place in either ranking are left out. */
export function slopes(shifts: readonly Shift[]): Slope[] {
  const placed = shifts.filter((one) => one.rank !== null && one.rank_other !== null);
  const rows = (key: "rank" | "rank_other"): Map<string, number> =>
    new Map([...placed].sort((a, b) => (a[key] ?? 0) - (b[key] ?? 0) || (a.unit < b.unit ? -1 : 1)).map((one, at) => [one.unit, at]));
  const [left, right] = [rows("rank"), rows("rank_other")];
  return placed.map((one) => ({
    unit: one.unit,
    name: one.name,
    from: left.get(one.unit) ?? 0,
    to: right.get(one.unit) ?? 0,
    way: moved(one.rank_other, one.rank),
  }));
}
