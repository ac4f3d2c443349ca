import { computed, watch, type ComputedRef, type Ref } from "vue";
import { saveFile } from "./setup";
import { usePages, useQuery } from "./sorting";

/** One column of a list as a file has it, and as it is searched: its heading, and what a row says in it. */
export type Column<T> = readonly [name: string, of: (row: T) => string | number | null | undefined];

export interface Listing {
  /** What somebody looks for; kept in the address. */
  words: Ref<string>;
  found: ComputedRef<number>;
  all: ComputedRef<number>;
  page: Ref<number>;
  pages: ComputedRef<number>;
  /** What is found, all of it, as a file that spreadsheet programs open. */
  save: (file: string) => void;
}

/** What a spreadsheet program could take for a formula stays text. */
const plain = (text: string): string => (/^[=+\-@\t\r\0]/.test(text.slice(0, 1).normalize("NFKC")) ? `'${text}` : text);
const cell = (value: string | number | null | undefined): string => {
  const text = typeof value === "string" ? plain(value) : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A table as CSV: UTF-8 with its mark, lines ended by CR LF, as the server writes them. */
export function csvOf<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [columns.map(([name]) => cell(name)), ...rows.map((row) => columns.map(([, of]) => cell(of(row))))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Rows in which every one of the words stands somewhere, whatever the case. */
export function matching<T>(rows: readonly T[], columns: readonly Column<T>[], words: string): T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [...rows];
  return rows.filter((row) => {
    const text = columns.map(([, of]) => of(row) ?? "").join("\n").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** A list that is searched, paged and saved; `query` is its name in the address where a page has several. */
export function useList<T>(rows: () => readonly T[], columns: () => readonly Column<T>[], query = "q"): Listing & { shown: ComputedRef<T[]> } {
  const words = useQuery(query);
  const found = computed(() => matching(rows(), columns(), words.value));
  const { page, pages, shown } = usePages(() => found.value, () => words.value);
  // A list that is asked for again and has become shorter must not show an empty page.
  watch(pages, (number) => (page.value = Math.min(page.value, number)));
  const save = (file: string): void => saveFile(`${file}.csv`, new TextEncoder().encode(csvOf(found.value, columns())));
  return { words, found: computed(() => found.value.length), all: computed(() => rows().length), page, pages, shown, save };
}
