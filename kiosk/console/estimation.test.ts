import { describe, expect, it } from "vitest";
import type { Estimation } from "../parts/shapes";
import { documentOf, draftOf, isChanged, needsStages, perCent, sharesOf } from "./estimation";

const FOUND: Estimation = {
  estimator: "domain",
  errors: "linearised",
  replicates: 1000,
  finite: false,
  points_as_psu: false,
  lonely: "collapse",
  nonresponse: null,
  margins: [{ item: "sex", totals: { "1": 510, "2": 490 } }],
  trim: { cap_ratio: "3.5" },
  min_cell: 10,
  confidence: "0.95",
  borders: { 甲: { last: 2 } },
  stages: null,
  digest: "ab",
  editable: true,
  items: [
    { key: "sex", label: "性别", label_en: "Sex", options: [{ code: "1", label: "男", label_en: "male" }, { code: "2", label: "女", label_en: "female" }] },
    { key: "age", label: "年龄", label_en: "Age", options: [{ code: "1", label: "青年", label_en: "young" }] },
  ],
  categories: [{ name: "甲", units: 8 }, { name: "乙", units: 3 }],
};

describe("the statement about estimation", () => {
  it("goes into the form and out again unchanged", () => {
    const { digest, editable, items, categories, ...stated } = FOUND;
    expect([digest, editable, items.length, categories.length]).toEqual(["ab", true, 2, 2]);
    expect(documentOf(draftOf(FOUND))).toEqual(stated);
    expect(isChanged(draftOf(FOUND), FOUND)).toBe(false);
  });

  it("has a field for everything that could be stated", () => {
    const draft = draftOf(FOUND);
    expect(draft.margins).toEqual({ sex: { on: true, totals: { "1": 510, "2": 490 } }, age: { on: false, totals: { "1": "" } } });
    expect(draft.borders).toEqual({ 甲: { first: "", last: 2 }, 乙: { first: "", last: "" } });
  });

  it("sends nothing that another choice leaves without meaning", () => {
    const draft = draftOf(FOUND);
    draft.margins.sex!.on = false;
    draft.borders.甲!.last = "";
    draft.points = { "411102": 40 };
    expect(documentOf(draft)).toMatchObject({ margins: [], trim: null, borders: {}, stages: null });
    Object.assign(draft, { finite: true, points_as_psu: true, people: { "1": 800, "2": "" } });
    expect(needsStages(draft)).toBe(true);
    expect(documentOf(draft).stages).toEqual({ points: { "411102": 40 }, people: { "1": 800 } });
    expect(isChanged(draft, FOUND)).toBe(true);
  });

  it("keeps what was entered while a box is not ticked", () => {
    const draft = draftOf(FOUND);
    draft.margins.sex!.on = false;
    expect(draft.margins.sex!.totals).toEqual({ "1": 510, "2": 490 });
    draft.classes = true;
    expect(documentOf(draft).nonresponse).toEqual({ by: ["area"], min_returned: 20 });
  });

  it("shows people as shares", () => {
    expect(sharesOf({ "1": 510, "2": 490, "3": "" })).toEqual({ sum: 1000, shares: { "1": 51, "2": 49, "3": null } });
    expect(sharesOf({ "1": "" })).toEqual({ sum: 0, shares: { "1": null } });
    expect(["0.9", "0.95", "0.999"].map(perCent)).toEqual(["90", "95", "99.9"]);
  });
});
