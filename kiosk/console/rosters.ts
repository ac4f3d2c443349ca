import { api, ask } from "./session";

/** Send a filled workbook as it is; `opensOn` empty: the day stays as it was. */
export const sendRoster = (roster: string, opensOn: string, file: File) =>
  ask(
    api.POST("/api/rosters/files", {
      params: { query: { roster, filename: file.name, ...(opensOn ? { opens_on: opensOn } : {}) } },
      headers: { "Content-Type": "application/octet-stream" },
      // The description calls binary content a string; what goes out is the file itself.
      body: file as unknown as { file: string },
      bodySerializer: (body: unknown) => body as File,
    }),
  );
