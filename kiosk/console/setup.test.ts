import { describe, expect, it } from "vitest";
import { dayIn, firstOpen, fitting, halfWidth, markOf, newKey, STEPS, usual, type SetupDetail, type Shelf } from "./setup";

const NOON = Date.UTC(2026, 10, 22, 12);
const template = (id: string, units: number | null, rates = true): Shelf["templates"][number] => ({ id, about: id, about_en: id, cites: "", units, rates });
const detail = (more: Partial<SetupDetail> = {}): SetupDetail => ({
  id: "poll-1", revision: 1, campaign_id: null, state: null, doc: usual("测", NOON) as SetupDetail["doc"], shares: [], sample_fault: null, cards: 0, sealed: false, keys_here: false, opening_asked: null,
  steps: ["about", "units", "areas", "form", "sample", "words"].map((name) => ({ name, whole: true })),
  people: { seconds: [], seconds_later: [], contractors: [] },
  ...more,
});

describe("a set-up", () => {
  it("begins with days in the city's time, a week ahead", () => {
    expect(dayIn(0, Date.UTC(2026, 10, 22, 17))).toBe("2026-11-23");
    expect(usual("测", NOON).about).toMatchObject({ opens_on: "2026-11-29", closes_on: "2026-12-13", purpose: "real" });
  });

  it("proposes the template that was written for the number of units, with four options", () => {
    const all = [template("nanyang-118-3", 118), template("nanyang-118-4", 118), template("luohe-80", 80), template("one-unit", 1)];
    expect([118, 80, 1, 33].map((units) => fitting(all, units))).toEqual(["nanyang-118-4", "luohe-80", "one-unit", "luohe-80"]);
  });

  it("marks what is behind, what waits and what cannot be done yet", () => {
    expect(markOf("about", null)).toBe("now");
    expect(STEPS.map((step) => markOf(step, detail())).slice(6)).toEqual(["now", "later", "later", "later"]);
    const made = detail({ campaign_id: "poll-1", state: "draft" });
    expect(STEPS.map((step) => markOf(step, made)).slice(6)).toEqual(["done", "now", "now", "later"]);
    const ready = detail({ campaign_id: "poll-1", state: "ready", cards: 10, people: { seconds: ["a"], seconds_later: [], contractors: ["b"] } });
    expect(firstOpen(ready)).toBe("open");
    expect(markOf("open", { ...ready, state: "open" })).toBe("done");
  });

  it("tells the error of a score by its number of sheets", () => {
    expect(halfWidth(1600)).toBeCloseTo(1.96);
    expect(halfWidth(0)).toBeNull();
  });

  it("makes a key whose file holds the private half alone", async () => {
    const key = await newKey("a passphrase of the office");
    expect(key.public).toMatch(/^[0-9a-f]{64}$/);
    expect(key.file).toMatch(/^PINGYI-SEALING-KEY-2 pbkdf2 1000000 [0-9a-f]{32} [0-9a-f]{24} [0-9a-f]{96}\n$/);
    expect(key.file).not.toContain(key.public);
  });
});
