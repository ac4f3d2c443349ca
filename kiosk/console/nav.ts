/** The menu by groups. A page's name is the beginning of its path, too. */
export const GROUPS = [
  { name: "scoring", pages: ["rounds", "schemes", "marks", "duties", "departments", "cases"] },
  { name: "windows", pages: ["windows", "fleet", "staff", "rates", "desk", "points"] },
  { name: "watch", pages: ["flags", "hotline", "evidence", "ledger"] },
  { name: "office", pages: ["setups", "frames", "uploads", "gate", "quotas", "paper", "units", "accounts"] },
] as const;
export type GroupName = (typeof GROUPS)[number]["name"];
export type PageName = (typeof GROUPS)[number]["pages"][number];
/** What unfolds: the groups, and the road of the campaign. */
export type Fold = GroupName | "road";

/** Where a path belongs; null: to the menu as a whole. */
export function foldOf(path: string): Fold | null {
  const first = path.split("/")[1] ?? "";
  if (first === "draws" || (first === "campaigns" && path !== "/campaigns")) return "road";
  return GROUPS.find((one) => (one.pages as readonly string[]).includes(first))?.name ?? null;
}

/**
 * What stands open before anybody folds anything: where the person is. Beside it, on a wide screen, all groups, as
 * long as no campaign's road needs the room.
 */
export const opensAt = (fold: Fold, path: string, { narrow }: { narrow: boolean }): boolean => {
  const here = foldOf(path);
  return fold === here || (!narrow && fold !== "road" && here !== "road");
};
