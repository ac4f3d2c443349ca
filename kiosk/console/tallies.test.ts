import { describe, expect, it } from "vitest";
import { crossed, type Cell } from "./tallies";

const cell = (unit: string, stratum: string, good: number, bad: number): Cell => ({ unit, stratum, kind: null, channel: null, n: good + bad, counts: { "1": good, "3": bad } });

describe("units by strata", () => {
  it("stands in the order of the cells, with a gap where a cell is not shown", () => {
    const found = crossed([cell("A", "x", 3, 1), cell("A", "y", 0, 5), cell("B", "y", 1, 1)], "1");
    expect(found.strata).toEqual(["x", "y"]);
    expect(found.rows).toEqual([{ unit: "A", shares: [75, 0] }, { unit: "B", shares: [null, 50] }]);
  });

  it("says nothing of an option that nobody chose, and of a cell without answers", () => {
    expect(crossed([cell("A", "x", 3, 1), cell("A", "y", 0, 0)], "2").rows[0]?.shares).toEqual([0, null]);
  });
});
