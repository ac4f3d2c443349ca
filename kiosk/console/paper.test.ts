import { describe, expect, it } from "vitest";
import { codeOf, codesOf, counted, meaning } from "./paper";

const options = [["1", "满意"], ["2", "基本满意"], ["3", "不满意"], ["0", "不了解"]].map(([code, label]) => ({ code: code!, label: label! }));
const place = (key: string, kind = "unit") => ({ no: 1, key, kind, group: "", label: key, options, most: 0 });
const words = { blank: "空白", invalid: "无效" };

describe("typing a sheet", () => {
  it("takes the digits of the scale, wide ones too, and several keys for an invalid cell", () => {
    expect(["1", "２", "0", "x", "*", "！", "4", "a", ""].map((key) => codeOf(place("u"), key))).toEqual(["1", "2", "0", "!", "!", "!", null, null, null]);
  });

  it("takes several codes with anything between them, each once, and refuses what is none", () => {
    expect(codesOf(place("m", "multiple"), " 1，3 3、2")).toEqual(["1", "3", "2"]);
    expect(codesOf(place("m", "multiple"), "1 9")).toBeNull();
    expect(codesOf(place("m", "multiple"), " ")).toEqual([]);
  });

  it("says what was typed in the words of the paper", () => {
    expect([undefined, "-", "!", "3", ["1", "0"], "更快一些"].map((value) => meaning(place("u"), value, words))).toEqual(["空白", "空白", "无效", "不满意", "满意、不了解", "更快一些"]);
  });

  it("counts what is filled, blank and invalid", () => {
    expect(counted([place("a"), place("b"), place("c"), place("d")], { a: "1", b: "!", c: "" })).toEqual({ filled: 1, blank: 2, invalid: 1 });
  });
});
