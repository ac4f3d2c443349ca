import { describe, expect, it } from "vitest";
import { clockOf, factsOf } from "./flags";

describe("the numbers of a flag", () => {
  it("tell minutes after midnight by the clock", () => {
    expect([0, 59.9, 700, 1439].map(clockOf)).toEqual(["00:00", "00:59", "11:40", "23:59"]);
  });

  it("stand in words, in their order", () => {
    expect(factsOf({ evidence: { count: 42, expected: "9.6", from_minute: 700, p: "1.2e-05" } })).toEqual([
      "有 42",
      "预期 9.6",
      "开始 11:40",
      "偶然出现的机会 1.2e-05",
    ]);
  });
});
