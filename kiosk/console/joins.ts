import type { Progress } from "../parts/shapes";
import { t } from "./words";

type Cell = Progress["joins"][number]["cell"];

/** The cells that are counted within others, as one list in words; empty where there are none. */
export function joinsText(progress: Pick<Progress, "joins" | "rows">): string {
  const named = ({ stratum_no, point_no, channel }: Cell): string => {
    const row = progress.rows.find((one) => one.stratum_no === stratum_no && one.point_no === point_no);
    const place = row ? [row.area, row.kind, row.point].filter(Boolean).join("·") : `${stratum_no}-${point_no}`;
    return channel ? `${place}·${t.word("channel", channel)}` : place;
  };
  return progress.joins
    .map(({ cell, into, reason }) => t("board.join", { from: named(cell), into: named(into), why: t.word("joined", reason) }))
    .join(t("listComma"));
}
