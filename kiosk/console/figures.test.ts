import { afterEach, describe, expect, it } from "vitest";
import { lang } from "../parts/i18n";
import type { ProgressRow } from "../parts/shapes";
import { allocation, drawnTotal, stratumName } from "./draws";
import { areas, atPoints, share } from "./progress";
import { columnsOf, cutsOf, type Cell } from "./tallies";
import { isBusy, mayWithdraw, summaryOf } from "./uploads";

afterEach(() => (lang.value = "zh"));

describe("progress", () => {
  it("is summed by area in the order it came", () => {
    const row = (area: string, issued: number, done: number) => ({ area, issued, done, opened: 1 }) as ProgressRow;
    const found = areas([row("源汇区", 10, 2), row("郾城区", 5, 5), row("源汇区", 30, 1)]);
    expect(found.map(({ name, issued, opened, done }) => [name, issued, opened, done])).toEqual([
      ["源汇区", 40, 2, 3],
      ["郾城区", 5, 1, 5],
    ]);
    expect([share(1, 4), share(0, 0)]).toEqual([25, null]);
  });

  it("is summed by test point, cells without one left out", () => {
    const row = (point_no: number, point: string, done: number) => ({ point_no, point, issued: 10, done, opened: 1, invalid: 0 }) as ProgressRow;
    const found = atPoints([row(2, "大厅", 1), row(0, "", 9), row(1, "社区", 4), row(2, "大厅", 3)]);
    expect(found.map(({ name, issued, opened, done }) => [name, issued, opened, done])).toEqual([
      ["大厅", 20, 2, 4],
      ["社区", 10, 1, 4],
    ]);
  });
});

describe("draws", () => {
  const campaign = {
    strata: [
      { no: 1, area: "源汇区", area_code: "411102", kind: "城镇", kind_code: "town", population: 1, sample_size: 1, made_up: false },
      { no: 2, area: "源汇区", area_code: "411102", kind: "农村", kind_code: "rural", population: 1, sample_size: 1, made_up: false },
    ],
  };

  it("name strata by area and kind, or by area alone", () => {
    expect(stratumName("411102/rural", campaign)).toBe("源汇区 · 农村");
    expect(stratumName("411102", campaign)).toBe("源汇区");
    expect(stratumName("elsewhere", campaign)).toBe("elsewhere");
  });

  it("list the allocation in the order of the strata", () => {
    const design = { sizes: { "411102/rural": 3, other: 9, "411102/town": 4 } };
    expect(allocation(design, campaign).map((one) => one.size)).toEqual([4, 3, 9]);
    expect(drawnTotal(design)).toBe(16);
    expect(allocation({}, campaign)).toEqual([]);
  });
});

describe("tallies", () => {
  const doc = {
    items: [{ key: "LH-001", kind: "unit", scale: "four" }],
    scales: { four: { options: [{ code: "1", label: { zh: "满意", en: "Satisfied" } }] } },
  };
  const cells = [{ n: 3, counts: { "1": 2, "-": 1, "!": 0 } }] as unknown as Cell[];

  it("take their headings from the questionnaire's own words", () => {
    expect(columnsOf(doc, cells).map((one) => one.label)).toEqual(["满意", "空白", "无效"]);
    lang.value = "en";
    expect(columnsOf(doc, cells).map((one) => one.label)).toEqual(["Satisfied", "Blank", "Invalid"]);
    expect(columnsOf({}, cells).map((one) => one.code)).toEqual(["1", "-", "!"]);
  });

  it("are cut in a fixed order, by unit when nothing sensible is asked", () => {
    expect(cutsOf("channel,unit")).toEqual(["unit", "channel"]);
    expect(cutsOf("nonsense")).toEqual(["unit"]);
  });
});

describe("uploads", () => {
  it("know when to ask again and what can be withdrawn", () => {
    expect((["received", "checked", "entering"] as const).map((state) => isBusy({ state }))).toEqual([true, false, true]);
    expect((["rejected", "withdrawn", "accepted"] as const).map((state) => mayWithdraw({ state }))).toEqual([false, false, true]);
  });

  it("have a whole summary before they are checked", () => {
    expect(summaryOf({ summary: {} })).toEqual({ cells: [], alike: 0, few: 0, faults: 0, encoding: "", flags: [] });
  });
});
