import { describe, expect, it } from "vitest";
import { csvOf, matching, type Column } from "./list";

interface Row {
  name: string;
  n: number | null;
}
const columns: Column<Row>[] = [
  ["名称", (row) => row.name],
  ["数", (row) => row.n],
];
const rows: Row[] = [
  { name: "源汇区 City", n: 3 },
  { name: "=1+1", n: -2 },
  { name: '甲,"乙"', n: null },
];

describe("a list", () => {
  it("finds the rows in which every word stands, in any column and case", () => {
    expect(matching(rows, columns, " 源汇 CITY ")).toEqual([rows[0]]);
    expect(matching(rows, columns, "-2")).toEqual([rows[1]]);
    expect(matching(rows, columns, "  ")).toEqual(rows);
    expect(matching(rows, columns, "郾城")).toEqual([]);
  });

  it("is written as CSV in which no text is a formula", () => {
    expect(csvOf(rows, columns)).toBe('\ufeff名称,数\r\n源汇区 City,3\r\n\'=1+1,-2\r\n"甲,""乙""",\r\n');
    expect(csvOf([{ name: "＝cmd", n: 0 }], columns)).toContain("'＝cmd,0");
  });
});
