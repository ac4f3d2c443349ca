import { describe, expect, it } from "vitest";
import type { Shift } from "../parts/shapes";
import { draftOf, otherRules, slopes } from "./compare";
import { pricedRules, restsOn, schemeRows, wordsOf, type SchemeDoc } from "./scheme";

const both = (zh: string) => ({ zh, en: zh });
const doc: SchemeDoc = {
  title: both("办法"),
  cadence: { each: "year", assumed: both("自定") },
  settings: { share: { title: both("份额"), value: "50", low: "0", high: "100", assumed: both("各半") } },
  maps: { three: { options: { 满意: "100", 不满意: "0", 不了解: null }, assumed: both("自定") } },
  total: {
    id: "total", title: both("总分"), points: "120", cite: ["满分一百二十分计算"],
    parts: [
      { id: "A", title: both("甲"), points: "30", choose: [
        { when: { flags: ["has_window"] }, parts: [{ id: "A1", title: both("问卷"), points: "10" }, { id: "A2", title: both("窗口"), points: "20" }] },
        { parts: [{ id: "A1", title: both("问卷"), points: "30" }] },
      ] },
      { id: "B", title: both("乙"), points: "90", source: { kind: "cases", rules: [
        { id: "late", title: both("逾期"), points: "2" },
        { id: "grave", title: both("严重"), points: { low: "5", high: "10" } },
        { id: "fraud", title: both("作假"), zero: true },
      ] } },
    ],
  },
  adjustments: [{ id: "C", title: both("奖惩"), low: "-10", high: "10", bonuses: [{ id: "x", title: both("表彰"), points: ["3", "5"] }] }],
};

describe("the picture of a scheme", () => {
  it("puts each bar inside the bar above it", () => {
    const bars = schemeRows(doc).filter((row) => row.bar).map((row) => [row.key, row.bar?.from, row.bar?.length]);
    expect(bars).toEqual([
      ["total", 0, 100], ["total/A", 0, 25],
      ["total/A/0/A1", 0, 10 / 1.2], ["total/A/0/A2", 10 / 1.2, 20 / 1.2], ["total/A/1/A1", 0, 25],
      ["total/B", 25, 75],
    ]);
  });

  it("says which case is for whom, and what each rule costs", () => {
    const rows = schemeRows(doc);
    expect(rows.filter((row) => row.when?.length).map((row) => row.when?.join())).toEqual(["has_window", "has_window", "otherwise"]);
    expect(rows.filter((row) => !row.bar).map((row) => row.points)).toEqual(["−2", "−5–10", "= 0", "−10 … +10", "+3 / 5"]);
    expect(wordsOf({ flags: ["a"], without: ["b"], categories: ["甲类"] })).toEqual(["a", "!b", "甲类"]);
  });

  it("has a key of its own for every row", () => {
    const keys = schemeRows(doc).map((row) => row.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("counts quotations and silences", () => {
    expect(restsOn(doc)).toEqual({ quoted: 1, assumed: 3 });
  });
});

describe("what a finding may cost", () => {
  it("is every rule of the scheme, with what it leaves open and who decides", () => {
    const more = structuredClone(doc);
    const source = more.total.parts?.[1]?.source;
    if (source?.rules?.[1]) [source.per, source.rules[1].second_person] = ["quarter", true];
    const rules = pricedRules(more).map((one) => [one.component, one.title, one.open, one.second, one.per]);
    expect(rules).toEqual([
      ["B", "乙 · 逾期 (−2)", null, false, "quarter"],
      ["B", "乙 · 严重 (−5–10)", { low: "5", high: "10" }, true, "quarter"],
      ["B", "乙 · 作假 (= 0)", null, false, "quarter"],
      ["C", "奖惩 · 表彰 (+3 / 5)", ["3", "5"], false, null],
    ]);
  });
});

describe("a board's own bonus", () => {
  it("is told apart from another board's of the same name", () => {
    const boards = structuredClone(doc);
    const bonuses = [{ id: "best", title: both("优秀"), points: "5" }];
    for (const part of boards.total.parts ?? []) part.adjust = { id: `${part.id}-more`, title: both("创新"), low: "0", high: "5", bonuses };
    const titles = pricedRules(boards).filter((one) => one.rule === "best").map((one) => one.title);
    expect(titles).toEqual(["甲 · 创新 · 优秀 (+5)", "乙 · 创新 · 优秀 (+5)"]);
  });
});

describe("other rules", () => {
  const now = draftOf(doc, { share: "60" });

  it("begin with what is in force", () => {
    expect(now).toEqual({ scheme: "", version: "", settings: { share: "60" }, maps: { three: { 满意: "100", 不满意: "0", 不了解: "" } } });
    expect(otherRules(structuredClone(now), now)).toBeNull();
  });

  it("send only what differs, an empty number as not counted", () => {
    const draft = structuredClone(now);
    draft.settings.share = "40";
    expect(otherRules(draft, now)).toEqual({ scheme: "", settings: { share: "40" }, maps: {}, version: null });
    draft.settings.share = "60";
    (draft.maps.three ?? {}).满意 = "80";
    expect(otherRules(draft, now)).toEqual({ scheme: "", settings: {}, maps: { three: { 满意: "80", 不满意: "0", 不了解: null } }, version: null });
    expect(otherRules({ ...now, version: "2" }, now)).toEqual({ scheme: "", settings: {}, maps: {}, version: 2 });
    // Of another scheme nothing of the round's own settings goes along.
    expect(otherRules({ ...draft, scheme: "big-city 3" }, now)).toEqual({ scheme: "big-city", settings: {}, maps: {}, version: 3 });
    expect(otherRules({ ...draft, scheme: "luohe-hangfeng" }, now)).toEqual({ scheme: "luohe-hangfeng", settings: {}, maps: {}, version: null });
  });

  it("draw a line for each unit with a place in both, equals one under the other", () => {
    const shift = (unit: string, rank: number | null, rank_other: number | null) => ({ unit, name: unit, rank, rank_other }) as Shift;
    expect(slopes([shift("b", 1, 2), shift("a", 1, 1), shift("c", 3, 3), shift("d", null, 4)])).toEqual([
      { unit: "b", name: "b", from: 1, to: 1, way: "down" },
      { unit: "a", name: "a", from: 0, to: 0, way: "same" },
      { unit: "c", name: "c", from: 2, to: 2, way: "same" },
    ]);
  });
});
