import type { Progress, ProgressRow } from "../parts/shapes";
import { networkProblem } from "../parts/problem";
import { api, ask } from "./session";

export interface Sums {
  issued: number;
  opened: number;
  done: number;
  invalid: number;
}

export interface Area extends Sums {
  name: string;
  rows: ProgressRow[];
}

const add = (sums: Sums, row: Sums): void => {
  sums.issued += row.issued;
  sums.opened += row.opened;
  sums.done += row.done;
  sums.invalid += row.invalid;
};

/** The rows by area, in the order in which they came, with sums. */
export function areas(rows: readonly ProgressRow[]): Area[] {
  const found = new Map<string, Area>();
  for (const row of rows) {
    const area = found.get(row.area) ?? { name: row.area, rows: [], issued: 0, opened: 0, done: 0, invalid: 0 };
    found.set(row.area, area);
    area.rows.push(row);
    add(area, row);
  }
  return [...found.values()];
}

/** Sums of each test point, in the order in which they came; cells without one are left out. */
export function atPoints(rows: readonly ProgressRow[]): (Sums & { name: string })[] {
  const found = new Map<number, Sums & { name: string }>();
  for (const row of rows) {
    if (!row.point_no) continue;
    const point = found.get(row.point_no) ?? { name: row.point, issued: 0, opened: 0, done: 0, invalid: 0 };
    found.set(row.point_no, point);
    add(point, row);
  }
  return [...found.values()];
}

/** Returned of issued, in per cent; null where nothing was issued. */
export const share = (part: number, whole: number): number | null => (whole > 0 ? (100 * part) / whole : null);

/** Progress of a campaign, asked for with the tag of the last answer: what did not change is not sent again. */
export function progressOf(campaign: () => string): () => Promise<Progress> {
  let tag = "";
  let kept: Progress | null = null;
  let of = "";
  return async () => {
    const id = campaign();
    if (id !== of) [tag, kept, of] = ["", null, id];
    const headers = tag ? { "If-None-Match": tag } : {};
    const call = api.GET("/api/campaigns/{campaign_id}/progress", { params: { path: { campaign_id: id } }, headers });
    const { response } = await call.catch(() => {
      throw networkProblem();
    });
    if (response.status === 304 && kept) return kept;
    const fresh = await ask(call);
    if (id === of) [tag, kept] = [response.headers.get("ETag") ?? "", fresh];
    return fresh;
  };
}
