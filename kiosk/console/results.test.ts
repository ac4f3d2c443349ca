import { describe, expect, it } from "vitest";
import type { ResultRow } from "../parts/shapes";
import { amount, axisOf, categoriesOf, grouped, pointsOf, shown, signed } from "./results";

const row = (low: string | null, high: string | null): ResultRow => ({ ci_low: low, ci_high: high }) as ResultRow;

describe("figures of results", () => {
  it("are rounded half up, as the printed sheet does", () => {
    expect(shown("78.125000000", 2)).toBe("78.13");
    expect(shown("1.005000000", 2)).toBe("1.01");
    expect(shown("99.994999999", 2)).toBe("99.99");
    expect(shown("0", 1)).toBe("0.0");
    expect(shown(null, 2)).toBe("—");
  });

  it("say differences with their sign", () => {
    expect(["3.125000000", "-3.125000000", "0.000000000", null].map(signed)).toEqual(["+3.13", "−3.13", "+0.00", "—"]);
  });

  it("show weights with thousands apart and what an option adds to the score", () => {
    expect(amount("1953718.250000000")).toBe("1,953,718.25");
    expect(amount("2000.000000000")).toBe("2,000");
    expect(pointsOf({ weighted: "123.450000000", score: "60" })).toBe("7,407");
    expect(pointsOf({ weighted: "123.450000000", score: "0" })).toBe("0");
    expect(pointsOf({ weighted: "5", score: null })).toBe("—");
    expect(["2367490", "1200", "0.3644", "9".repeat(64)].map(grouped)).toEqual(["2,367,490", "1200", "0.3644", "9".repeat(64)]);
  });

  it("share one axis of whole tens within 0 to 100", () => {
    expect(axisOf([row("41.2", "58.9"), row("88.1", "93.4"), row(null, null)])).toEqual({ from: 40, to: 100, ticks: [40, 70, 100] });
    expect(axisOf([row("-3", "104")])).toEqual({ from: 0, to: 100, ticks: [0, 50, 100] });
    expect(axisOf([])).toEqual({ from: 0, to: 100, ticks: [0, 50, 100] });
  });

  it("keep the categories in the order of the questionnaire", () => {
    expect(categoriesOf([{ category: "乙" }, { category: "甲" }, { category: "乙" }])).toEqual(["乙", "甲"]);
  });
});
