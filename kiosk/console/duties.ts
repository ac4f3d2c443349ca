import type { Owed } from "../parts/shapes";
import { api, ask } from "./session";

const ORDER = ["missing", "late", "open", "in_time"];

/** What is overdue first, the longest first; then what is due soonest. */
export const inOrder = (rows: readonly Owed[]): Owed[] =>
  [...rows].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.days_over - a.days_over || (a.due < b.due ? -1 : Number(a.due > b.due)));

/** Whether something has to be done about it still. */
export const isOpen = (row: Pick<Owed, "state">): boolean => row.state === "missing" || row.state === "late" || row.state === "open";

/** Deeds as they are typed: one a line. */
export const deedsOf = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Upload the files, then submit them together with text and deeds; the answer is the receipt. */
export async function submitDuty(round: string, owed: Owed, given: { text: string; deeds: string; files: Map<string, File> }) {
  const { duty, debtor, period } = owed;
  const files: string[] = [];
  for (const [part, file] of given.files) {
    const kept = await ask(
      api.POST("/api/duties/files", {
        params: { query: { round, duty, debtor, period, part, filename: file.name } },
        headers: { "Content-Type": "application/octet-stream" },
        // The description calls binary content a string; what goes out is the file itself.
        body: file as unknown as { file: string },
        bodySerializer: (body: unknown) => body as File,
      }),
    );
    files.push(kept.id);
  }
  return ask(api.POST("/api/duties/submissions", { body: { round, duty, debtor, period, text: given.text, deeds: deedsOf(given.deeds), files } }));
}
