import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { foldOf, GROUPS, opensAt, type Fold } from "./nav";

const folds: Fold[] = ["road", ...GROUPS.map((one) => one.name)];
const open = (path: string, narrow: boolean) => folds.filter((fold) => opensAt(fold, path, { narrow }));

describe("the menu", () => {
  it("knows where a page belongs", () => {
    expect(["/", "/campaigns", "/acts", "/campaigns/luohe/results", "/draws/d1"].map(foldOf)).toEqual([null, null, null, "road", "road"]);
    expect(["/rounds/x/units/U-1", "/cases/7", "/windows/w1", "/ledger", "/uploads/1"].map(foldOf)).toEqual(["scoring", "scoring", "windows", "watch", "office"]);
  });

  it("leaves the road of a campaign its room, and a phone its screen", () => {
    expect(open("/campaigns/luohe", false)).toEqual(["road"]);
    expect(open("/rounds", false)).toEqual(["scoring", "windows", "watch", "office"]);
    expect(open("/rounds", true)).toEqual(["scoring"]);
    expect(open("/", true)).toEqual([]);
  });

  it("names pages that there are, by the beginning of their paths", () => {
    const routes = readFileSync(new URL("router.ts", import.meta.url), "utf-8");
    for (const page of GROUPS.flatMap((one) => one.pages)) expect(routes).toContain(`path: "/${page}", name: "${page}"`);
  });
});
