import type { Place } from "../parts/shapes";

/** What stands in a place: a code, several codes, words; nothing typed is blank. */
export type Value = string | string[];
export type Values = Record<string, Value>;

/** Two marks, or crossed out: the cell counts for nothing and is printed as invalid. */
export const INVALID = "!";
const INVALID_KEYS = new Set(["!", "！", "x", "X", "*", "."]);

export const isMany = (place: Pick<Place, "kind">): boolean => place.kind === "multiple" || place.kind === "nomination";
export const isText = (place: Pick<Place, "kind">): boolean => place.kind === "text";
export const isOne = (place: Pick<Place, "kind">): boolean => !isMany(place) && !isText(place);

/** The code that a key types into a place of one choice; null: it types nothing there. */
export function codeOf(place: Pick<Place, "options">, key: string): string | null {
  if (INVALID_KEYS.has(key)) return INVALID;
  const narrow = key.normalize("NFKC");
  return place.options.find((option) => option.code.toLowerCase() === narrow.toLowerCase())?.code ?? null;
}

/** Codes typed one after the other, with anything between them; null where one is none of the place's. */
export function codesOf(place: Pick<Place, "options">, typed: string): string[] | null {
  const codes = typed.normalize("NFKC").split(/[\s,，、;；]+/).filter(Boolean);
  const known = codes.map((code) => place.options.find((option) => option.code.toLowerCase() === code.toLowerCase())?.code);
  return known.includes(undefined) ? null : [...new Set(known as string[])];
}

/** What the code of a place means, in the words of the paper. */
export function meaning(place: Pick<Place, "options">, value: Value | null | undefined, words: { blank: string; invalid: string }): string {
  if (value === undefined || value === null || value === "" || value === "-" || (Array.isArray(value) && !value.length)) return words.blank;
  if (value === INVALID) return words.invalid;
  const named = (code: string): string => place.options.find((option) => option.code === code)?.label ?? code;
  return Array.isArray(value) ? value.map(named).join("、") : named(value);
}

/** How a sheet stands: places filled, blank and invalid. */
export function counted(places: readonly Place[], values: Values): { filled: number; blank: number; invalid: number } {
  const invalid = places.filter((place) => values[place.key] === INVALID).length;
  const said = places.filter((place) => (values[place.key]?.length ?? 0) > 0).length;
  return { filled: said - invalid, blank: places.length - said, invalid };
}
