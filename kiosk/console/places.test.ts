import { describe, expect, it } from "vitest";
import { placed, placeless, readPlaces, textIn } from "./places";

const CODES = { area: new Map([["虚构县", "X-1"]]), kind: new Map([["村（居）", "villages"]]) };
const TEXT = "单位,类别,编号,名称,上一级\n\nX-1,villages,v1,一村,甲镇\n虚构县，村（居）\tv2\t\"二村\"，甲镇\nX-1,villages\nX-1,a,b,c,d,e";

describe("the places of a draw", () => {
  it("are read one a line, by code or by name", () => {
    const { rows, lines, faults } = readPlaces(TEXT, CODES);
    expect(rows.slice(0, 2)).toEqual([
      { area: "X-1", kind: "villages", id: "v1", name: "一村", within: "甲镇" },
      { area: "X-1", kind: "villages", id: "v2", name: "二村", within: "甲镇" },
    ]);
    expect(lines).toEqual([3, 4, 5, 6]);
    expect(faults.map((one) => [one.line, one.text])).toEqual([[5, "X-1,villages"], [6, "X-1,a,b,c,d,e"]]);
    expect(readPlaces(`X-1,k,i,${"长".repeat(81)}`, CODES).faults[0]?.zh).toContain("80");
  });

  it("have the server's faults at the lines that were typed", () => {
    const said = [{ key: "draws.party.2", zh: "重复", en: "twice" }, { key: "draws.party", zh: "没有列出", en: "none of" }];
    expect(placed(said, TEXT, [3, 4]).map((one) => [one.line, one.text.slice(0, 3)])).toEqual([[4, "虚构县"], [null, ""]]);
  });

  it("are asked for until they are there", () => {
    const draws = ["party", "village"].map((id) => ({ id, title: { zh: id, en: id }, kinds: [] }));
    const plans = [{ id: "r-2020-village", kind: "site_check" }, { id: "r-2020-party", kind: "inspection" }];
    expect(placeless(draws, plans).map((one) => one.id)).toEqual(["party"]);
  });

  it("come from a spreadsheet in either encoding", async () => {
    expect(await textIn(new Blob(["甲镇"]))).toBe("甲镇");
    expect(await textIn(new Blob([new Uint8Array([0xbc, 0xd7, 0xd5, 0xf2])]))).toBe("甲镇");
  });
});
