import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { helps } from "./help";

// Signing in explains itself, and of an address that leads nowhere there is nothing to say.
const WITHOUT = ["sign-in", "nothing"];
const router = readFileSync(new URL("../router.ts", import.meta.url), "utf-8");
const pages = [...router.matchAll(/name: "([\w-]+)", component/g)].map((found) => found[1] ?? "").filter((name) => !WITHOUT.includes(name));

describe("the help of the pages", () => {
  it("is there for every page, in both languages", () => {
    expect(pages.filter((name) => !(name in helps))).toEqual([]);
  });

  it("is of pages that there are", () => {
    expect(Object.keys(helps).filter((name) => !pages.includes(name))).toEqual([]);
  });

  it("says as many things in English as in Chinese, and punctuates Chinese in full width", () => {
    for (const [zh, en] of Object.values(helps)) {
      expect(en.split("\n").length).toBe(zh.split("\n").length);
      expect(zh).not.toMatch(/[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]/);
    }
  });
});
