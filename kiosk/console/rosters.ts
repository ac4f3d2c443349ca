import { asItIs } from "./sending";
import { api, ask } from "./session";

const of = (roster: string, opensOn: string, file: File) => ({ roster, filename: file.name, ...(opensOn ? { opens_on: opensOn } : {}) });

/** Send a filled workbook as it is; `opensOn` empty: the day stays as it was; `dry`: only have it checked. */
export const sendRoster = (roster: string, opensOn: string, file: File, dry: boolean) =>
  ask(api.POST("/api/rosters/files", { params: { query: { ...of(roster, opensOn, file), dry_run: dry } }, ...asItIs(file) }));

/** The workbook with its faulty cells marked. */
export const markedRoster = (roster: string, opensOn: string, file: File): Promise<unknown> =>
  ask(api.POST("/api/rosters/files/marked", { params: { query: of(roster, opensOn, file) }, ...asItIs(file), parseAs: "blob" }));
