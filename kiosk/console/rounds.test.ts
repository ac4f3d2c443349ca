import { describe, expect, it } from "vitest";
import type { CardLine, CardRow, Round } from "../parts/shapes";
import { byCategory, called, filled, inPoints, isUncertain, linesOf, moved, namesOf, openOf, placesAxis, ratio, roundRoad } from "./rounds";

const result = { no: 2, at: "2015-07-10T02:00:00Z", stale: false, questions: 0, borders: 0, borders_confirmed_by: null, published_at: null, published_no: null };
const round = (over: Partial<Round> = {}): Round => ({
  id: "town-2015h1", title: "小城", level: "round", period: "2015H1", period_from: null, period_to: null, purpose: "demo",
  scheme_id: "town", scheme_version: 1, scheme_digest: "ab", units: 6, campaigns: [], result: null, ...over,
});
const campaign = (state: string) => ({ kind: "people", id: state, title: "问卷", state });
const nothing = { marksMissing: 0, findingsOverdue: null };
const states = (over: Partial<Round>, beside = nothing as { marksMissing: number | null; findingsOverdue: number | null }) =>
  Object.fromEntries(roundRoad(round(over), beside).map((step) => [step.name, step.state]));

describe("the road of a round", () => {
  it("waits for campaigns and marks before it scores", () => {
    const open = { campaigns: [campaign("counted"), campaign("open")] };
    expect(states(open, { marksMissing: 3, findingsOverdue: 1 })).toEqual({
      scheme: "done", campaigns: "now", marks: "now", findings: "now", score: "later", questions: "later", publish: "later",
    });
    expect(states({ campaigns: [campaign("counted")] }).score).toBe("now");
  });

  it("counts what is left in the sentence", () => {
    const steps = roundRoad(round({ campaigns: [campaign("counted"), campaign("open")] }), nothing);
    expect(steps.find((step) => step.name === "campaigns")?.values).toEqual({ counted: 1, all: 2, left: 1 });
  });

  it("is published once nothing is open, and anew after a newer result", () => {
    expect(states({ result: { ...result, questions: 1 } })).toMatchObject({ score: "done", questions: "now", publish: "later" });
    expect(states({ result: { ...result, borders: 2 } }).publish).toBe("later");
    expect(states({ result: { ...result, borders: 2, borders_confirmed_by: "release" } }).publish).toBe("now");
    expect(states({ result: { ...result, published_no: 2 } }).publish).toBe("done");
    expect(states({ result: { ...result, published_no: 1 } }).publish).toBe("now");
  });

  it("is scored anew where what it read has changed", () => {
    expect(states({ result: { ...result, stale: true } })).toMatchObject({ score: "now", publish: "later" });
    expect(states({ result: { ...result, stale: true, published_no: 2 } })).toMatchObject({ score: "now", publish: "done" });
    expect(roundRoad(round({ result: { ...result, stale: true } }), nothing).filter((step) => step.stale).map((step) => step.name)).toEqual(["score"]);
  });

  it("counts borders as open until somebody confirms them", () => {
    expect(openOf({ ...result, questions: 1, borders: 2 })).toBe(3);
    expect(openOf({ ...result, questions: 1, borders: 2, borders_confirmed_by: "release" })).toBe(1);
  });
});

const row = (unit: string, category: string, rank: number | null) => ({ unit, category, rank }) as CardRow;

describe("the ranking", () => {
  it("puts each category in the order of places, those without one at the end", () => {
    const groups = byCategory([row("a", "甲", null), row("b", "乙", 2), row("c", "甲", 1), row("d", "乙", 1)]);
    expect(groups.map((one) => [one.category, one.rows.map((each) => each.unit).join(""), one.ranked])).toEqual([["甲", "ca", 1], ["乙", "db", 2]]);
  });

  it("has an axis from the first place to the last", () => {
    expect(placesAxis(28)).toEqual({ from: 1, to: 28, ticks: [1, 15, 28] });
    expect(placesAxis(1).to).toBe(2);
  });

  it("knows an uncertain place and what a move is", () => {
    expect(isUncertain({ rank: 2, rank_low: 1, rank_high: 3 })).toBe(true);
    expect(isUncertain({ rank: 2, rank_low: 2, rank_high: 2 })).toBe(false);
    expect(isUncertain({ rank: null, rank_low: null, rank_high: null })).toBe(false);
    expect([moved(1, 3), moved(3, 1), moved(2, 2), moved(null, 2)]).toEqual(["up", "down", "same", "none"]);
  });

  it("names ids by the words of the scheme, and by themselves where it has none", () => {
    const names = namesOf([{ id: "praised", title: "通报表彰", title_en: "Praised", kind: "award" }]);
    expect([called(names, "praised"), called(names, "other")]).toEqual(["通报表彰", "other"]);
  });
});

describe("a scorecard", () => {
  it("reads exact fractions for its bars", () => {
    expect([ratio("17/2"), ratio("8"), ratio(null)]).toEqual([8.5, 8, null]);
    expect([filled(15, 30), filled(-2, 10), filled(12, 10), filled(null, 10), filled(1, 0)]).toEqual([50, 0, 100, 0, 0]);
    expect([inPoints("17/2"), inPoints("30"), inPoints("-10"), inPoints("1/3")]).toEqual(["8.5", "30", "−10", "0.33"]);
  });

  it("gives every line with those below it", () => {
    const line = (id: string, children: CardLine[] = []) => ({ id, children }) as CardLine;
    expect(linesOf(line("a", [line("b", [line("c")]), line("d")])).map((one) => one.id).join("")).toBe("abcd");
  });
});
