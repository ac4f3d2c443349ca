import { describe, expect, it } from "vitest";
import { addedIn, addedText, areasIn } from "./added";

const ROWS = [
  { area: "", code: "LH-C01", name: "城市管理", category: "政府部门" },
  { area: "411121", code: "WY-01", name: "盐矿", category: "公共服务行业" },
];

describe("units that are added to a round", () => {
  it("are read from pasted lines and files: commas of both kinds, tabs, a heading or none", () => {
    expect(addedIn("\ufeff地区,代码,名称,类别\r\n,LH-C01,城市管理,政府部门\r\n411121，WY-01，盐矿，公共服务行业\r\n")).toEqual(ROWS);
    // The first cell of the city's units is empty.
    expect(addedIn("\tLH-C01\t城市管理\t政府部门\n411121\tWY-01\t盐矿\t公共服务行业")).toEqual(ROWS);
  });

  it("are written one a line; an empty row and a comma in a name do no harm", () => {
    expect(addedIn(addedText([...ROWS, { area: "", code: "", name: "", category: "政府部门" }]))).toEqual(ROWS);
    expect(addedText([{ area: "a", code: "X", name: "甲,乙", category: "丙" }])).toBe("a, X, 甲、乙, 丙");
  });

  it("name the areas that were typed with their people", () => {
    expect(areasIn({ title: "a, b", "campaigns.q.strata": "A1, 一区, town, 城镇, 3000\nA1, 一区, rural, 农村, 1000\nA2，二区，all，居民，9" })).toEqual([
      ["A1", "一区"],
      ["A2", "二区"],
    ]);
    expect(areasIn({ "campaigns.q.strata": "frame-2015" })).toEqual([]);
  });
});
