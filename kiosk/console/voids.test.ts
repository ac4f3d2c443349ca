import { describe, expect, it } from "vitest";
import { scopeInWords, spanOf, suggested } from "./voids";

const BATCHES = [
  { no: 1, stratum_no: 1, point_no: 1 },
  { no: 2, stratum_no: 1, point_no: 2 },
  { no: 3, stratum_no: 2, point_no: 3 },
];

describe("what a flag suggests to set aside", () => {
  it("names the batch where there is but one", () => {
    expect(suggested({ scope: { stratum_no: 2 }, upload: null }, BATCHES)).toEqual({ stratum: 2, batch: 3 });
    expect(suggested({ scope: { stratum_no: 1, point_no: 2 }, upload: null }, BATCHES)).toEqual({ stratum: 1, point: 2, batch: 2 });
  });

  it("leaves open what it does not know", () => {
    expect(suggested({ scope: { stratum_no: 1, channel: "phone" }, upload: "u" }, BATCHES)).toEqual({ stratum: 1, channel: "phone", upload: "u" });
    expect(suggested(null, BATCHES)).toEqual({});
  });

  it("is told in words", () => {
    expect(scopeInWords({ batch: 4 })).toBe("第 4 批评议码");
    expect(scopeInWords({ channel: "phone" })).toBe("渠道：手机");
    expect(scopeInWords({ stratum: 1, point: 0, channel: "upload" })).toBe("第 1 层、第 0 测评点、上传");
  });
});

describe("the span that a window's flag suggests", () => {
  it("is that of the burst", () => {
    const flag = { scope: { day: "2026-11-08" }, evidence: { from_minute: 700, minutes: 5, count: 41 } };
    expect(spanOf(flag)).toEqual({ begins: "2026-11-08T11:40", ends: "2026-11-08T11:45", device: "" });
  });

  it("is the day of one terminal, to its last minute", () => {
    const flag = { scope: { day: "2026-12-31", device: "d" }, evidence: { top: 40 } };
    expect(spanOf(flag)).toEqual({ begins: "2026-12-31T00:00", ends: "2027-01-01T00:00", device: "d" });
    expect(spanOf(null)).toEqual({ begins: "", ends: "", device: "" });
  });
});
