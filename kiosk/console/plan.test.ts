import { describe, expect, it } from "vitest";
import type { PlanQuestion } from "../parts/shapes";
import { answerOf, categoriesOf, choicesOf, defaultOf, nested, numbersIn, numbersText, shapeOf, textOf } from "./plan";

const ask = (key: string, form = "", value: unknown = null): PlanQuestion => ({ key, zh: key, en: key, default: value, required: true, form }) as PlanQuestion;
const CODES = ask("flags.has_window", "[NY-001, …]，没有写 []");
const STRATA = ask("campaigns.random.strata", "逐行 {area, area_name, kind, kind_name, people}，或已冻结抽样框的编号");
const PEOPLE = ask("campaigns.deputies.people", "{类别: 人数}，类别 party、congress");

describe("the answers that a scheme cannot know", () => {
  it("have the shape that the server asks for", () => {
    expect([CODES, STRATA, PEOPLE, ask("title")].map((one) => shapeOf(one).kind)).toEqual(["codes", "rows", "numbers", "line"]);
  });

  it("are chosen where the document states the choices, and categories are named", () => {
    expect(choicesOf(ask("settings.estimator", "domain、stratified_mean"))).toEqual(["domain", "stratified_mean"]);
    expect([choicesOf(ask("settings.share", "0–100")), choicesOf(PEOPLE), choicesOf(ask("purpose", "real、demo 或 rehearsal"))]).toEqual([[], [], []]);
    const units = ask("units", "windows，或逐行 {code, name, category}，类别 县区、市直部门（单位）");
    expect(categoriesOf(units)).toEqual(["县区", "市直部门（单位）"]);
    expect([shapeOf(units), categoriesOf(STRATA)]).toEqual([{ kind: "rows", columns: ["code", "name", "category"] }, []]);
  });

  it("are read from what a clerk types, with Chinese punctuation too", () => {
    expect(answerOf(CODES, "NY-001，NY-002\nNY-003")).toEqual(["NY-001", "NY-002", "NY-003"]);
    expect([answerOf(CODES, "无"), answerOf(CODES, " ")]).toEqual([[], null]);
    expect(answerOf(STRATA, "A1, 一区, town, 城镇, 3000\nA2，二区，rural，农村，200")).toEqual([
      { area: "A1", area_name: "一区", kind: "town", kind_name: "城镇", people: 3000 },
      { area: "A2", area_name: "二区", kind: "rural", kind_name: "农村", people: 200 },
    ]);
    expect(answerOf(STRATA, "frame-2015")).toBe("frame-2015");
    expect(answerOf(PEOPLE, "party：300\ncongress: 200")).toEqual({ party: 300, congress: 200 });
    expect(answerOf(PEOPLE, "40")).toBe(40);
    expect([answerOf(ask("settings.share"), "0.5"), answerOf(ask("settings.share"), "50")]).toEqual(["0.5", "50"]);
  });

  it("are a number for each kind of people, kept as lines", () => {
    const text = numbersText(["party", "congress", "cppcc"], { congress: "200", party: "300", cppcc: "" });
    expect(text).toBe("party: 300\ncongress: 200");
    expect(numbersIn(text)).toEqual({ party: "300", congress: "200" });
    expect(answerOf(PEOPLE, text)).toEqual({ party: 300, congress: 200 });
  });

  it("are nested as their keys say; what is empty is not sent", () => {
    const typed = { title: "半年", "campaigns.random.tickets": "600", "campaigns.random.strata": "" };
    expect(nested([ask("title"), ask("campaigns.random.tickets"), STRATA], typed)).toEqual({ title: "半年", campaigns: { random: { tickets: 600 } } });
  });

  it("come back as they were typed", () => {
    expect([textOf(["NY-001", "NY-002"]), textOf([]), textOf({ party: 3 }), textOf(null), textOf(20)]).toEqual(["NY-001\nNY-002", "无", "party: 3", "", "20"]);
    // However the server keeps a row, it stands in the field as it is read back.
    const kept = ask("campaigns.random.strata", STRATA.form, [{ people: 9, kind_name: "城镇", area: "A1", made_up: true, area_name: "一区", kind: "town" }]);
    expect(defaultOf(kept)).toBe("A1, 一区, town, 城镇, 9");
  });
});
