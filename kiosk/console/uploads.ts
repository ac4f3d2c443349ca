import type { Upload } from "../parts/shapes";
import { api, ask } from "./session";

/** The file is being looked at or entered: ask again soon. */
export const isBusy = (upload: Pick<Upload, "state">): boolean => upload.state === "received" || upload.state === "entering";

const WITHDRAWABLE: readonly string[] = ["received", "checked", "entering", "accepted"];
export const mayWithdraw = (upload: Pick<Upload, "state">): boolean => WITHDRAWABLE.includes(upload.state);

interface CellRows {
  area: string;
  kind: string;
  point: string | null;
  rows: number;
}

interface FlagCount {
  rule: string;
  zh: string;
  en: string;
  count: number;
}

export interface Summary {
  cells: CellRows[];
  alike: number;
  few: number;
  faults: number;
  encoding: string;
  flags: FlagCount[];
}

/** What the check found, as far as the file came. */
export function summaryOf(upload: Pick<Upload, "summary">): Summary {
  const given = upload.summary as Partial<Summary>;
  return {
    cells: Array.isArray(given.cells) ? given.cells : [],
    alike: given.alike ?? 0,
    few: given.few ?? 0,
    faults: given.faults ?? 0,
    encoding: given.encoding ?? "",
    flags: Array.isArray(given.flags) ? given.flags : [],
  };
}

/** Send the bytes of a file as they are; the server reads what they hold. */
export const send = (campaign: string, file: File) =>
  ask(
    api.POST("/api/uploads", {
      params: { query: { campaign, kind: "ballots", filename: file.name } },
      headers: { "Content-Type": "application/octet-stream" },
      // The description calls binary content a string; what goes out is the file itself.
      body: file as unknown as string,
      bodySerializer: (body: unknown) => body as File,
    }),
  );

const raw = {
  headers: { "Content-Type": "application/octet-stream" },
  bodySerializer: (body: unknown) => body as File,
};

/** What each column of a file is taken for, before it is sent. */
export const matched = (campaign: string, file: File) =>
  ask(
    api.POST("/api/uploads/columns", {
      params: { query: { campaign, filename: file.name } },
      ...raw,
      body: file as unknown as string,
    }),
  );

export type Columns = Awaited<ReturnType<typeof matched>>;

/** Whether a person has to say what some column stands for: one that is guessed, or that nobody knows. */
export const needsWord = (found: Columns): boolean => found.columns.some((one) => one.how === "guessed" || one.how === "unknown");

/** Keep what a person said of the columns, empty for one that is not read. */
export const keepColumns = (campaign: string, found: Columns, targets: readonly string[]) =>
  ask(
    api.PUT("/api/uploads/columns", {
      params: { query: { campaign } },
      body: { headings: found.columns.map((one) => one.heading), columns: [...targets] },
    }),
  );
