import type { CampaignDetail } from "../parts/shapes";

export interface Share {
  key: string;
  label: string;
  size: number;
}

type Names = Pick<CampaignDetail, "strata">;

/** The name of a stratum as the plan of a draw writes it: an area (`411102`), or area and kind (`411102/town`). */
export function stratumName(key: string, campaign: Names | null): string {
  const [area = "", kind] = key.split("/");
  const row = campaign?.strata.find((one) => one.area_code === area && (!kind || one.kind_code === kind));
  if (!row) return key;
  return kind ? `${row.area} · ${row.kind}` : row.area;
}

/** How many are drawn in each stratum, in the order of the campaign's strata. */
export function allocation(design: Record<string, unknown>, campaign: Names | null): Share[] {
  const sizes = design.sizes;
  if (typeof sizes !== "object" || sizes === null) return [];
  const order = (campaign?.strata ?? []).flatMap((row) => [row.area_code, `${row.area_code}/${row.kind_code}`]);
  const place = (key: string): number => (order.indexOf(key) + 1 || order.length + 1) - 1;
  return Object.entries(sizes)
    .filter((pair): pair is [string, number] => typeof pair[1] === "number")
    .sort(([a], [b]) => place(a) - place(b))
    .map(([key, size]) => ({ key, label: stratumName(key, campaign), size }));
}

/** Everything drawn, over all strata. */
export const drawnTotal = (design: Record<string, unknown>): number =>
  allocation(design, null).reduce((sum, one) => sum + one.size, 0);
