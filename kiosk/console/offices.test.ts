import { describe, expect, it } from "vitest";
import type { MarkStanding, Owed, PartMarks } from "../parts/shapes";
import { deedsOf, inOrder } from "./duties";
import { entriesOf, lacking, newest, partsOf } from "./marks";
import { periodsOf, pricedRules, type SchemeDoc } from "./scheme";
import { firstPage, mayOpen, type Role } from "./access";

const standing = (part: string, unit: string, state: string, late = false) =>
  ({ part, title: part, title_en: part, office: "督查室", unit, name: unit, due: "2015-06-30", sent_on: null, state, late }) as MarkStanding;
const mark = (unit: string, version: number, value: string | null, member = "") => ({ unit, version, value, member }) as PartMarks["marks"][number];

describe("marks", () => {
  it("are counted by part: in, to approve, missing, late", () => {
    const rows = [standing("B", "a", "counted"), standing("B", "b", "waiting", true), standing("B", "c", "few"), standing("D", "a", "missing", true)];
    const [first, second] = partsOf(rows);
    expect(first).toMatchObject({ part: "B", all: 3, counted: 1, waiting: 1, missing: 1, late: 1 });
    expect(second).toMatchObject({ part: "D", all: 1, counted: 0, missing: 1, late: 1 });
    expect(lacking(rows)).toBe(3);
  });

  it("are sent where they are new; a correction says why", () => {
    const known = newest([mark("a", 1, "80"), mark("a", 2, "82"), mark("b", 1, "70"), mark("c", 1, "9", "王")], "");
    expect(known.get("a")?.value).toBe("82");
    expect(known.has("c")).toBe(false);
    expect(entriesOf({ a: "82", b: " 75 ", c: "60", d: "" }, known, "", "漏算")).toEqual([
      { unit: "b", value: "75", member: "", reason: "漏算" },
      { unit: "c", value: "60", member: "", reason: "" },
    ]);
  });
});

describe("duties", () => {
  it("stand with the longest overdue first", () => {
    const owed = (debtor: string, state: string, days_over: number, due: string) => ({ debtor, state, days_over, due }) as Owed;
    const rows = [owed("a", "in_time", 0, "2015-01-01"), owed("b", "open", 0, "2015-07-01"), owed("c", "missing", 2, "2015-06-01"), owed("d", "missing", 9, "2015-05-01"), owed("e", "late", 3, "2015-05-01")];
    expect(inOrder(rows).map((one) => one.debtor).join("")).toBe("dceba");
  });

  it("read deeds one a line", () => {
    expect(deedsOf(" 修路 \n\n装灯\n")).toEqual(["修路", "装灯"]);
  });
});

describe("findings", () => {
  it("may cost what the scheme prices, wherever it stands in the tree", () => {
    const title = (zh: string) => ({ zh, en: zh });
    const rule = (id: string) => ({ id, title: title(id), points: "2" });
    const doc: SchemeDoc = {
      title: title("办法"), cadence: { each: "year" },
      total: { id: "total", title: title("总分"), points: "100", parts: [
        { id: "A", title: title("甲"), points: "50", choose: [{ parts: [{ id: "A1", title: title("甲一"), points: "50", source: { kind: "cases", rules: [rule("late")] } }] }] },
      ] },
      adjustments: [{ id: "C", title: title("奖惩"), low: "-5", high: "5", bonuses: [rule("prize")], penalties: [rule("fraud")] }],
    };
    expect(pricedRules(doc).map((one) => `${one.component}/${one.rule}`)).toEqual(["A1/late", "C/prize", "C/fraud"]);
    expect(pricedRules(doc).map((one) => one.title)).toEqual(["甲一 · late (−2)", "奖惩 · prize (+2)", "奖惩 · fraud (−2)"]);
  });

  it("name the quarter or month of a line that starts anew in each", () => {
    expect(periodsOf("quarter", "2015-01-01", "2015-06-30")).toEqual(["2015Q1", "2015Q2"]);
    expect(periodsOf("month", "2014-11-01", "2015-01-31")).toEqual(["2014-11", "2014-12", "2015-01"]);
    expect(periodsOf("quarter", "2015-03-01", "2015-03-31")).toEqual([]);
    expect(periodsOf("", "2015-01-01", "2015-06-30")).toEqual([]);
  });
});

describe("people of other offices and of units", () => {
  it("see their own pages and no others; what is not named is the office's", () => {
    const opened = (role: Role, ...pages: string[]) => pages.filter((page) => mayOpen([role], page));
    expect(opened("assessor", "marks", "rounds", "duties", "campaigns", "me")).toEqual(["marks", "me"]);
    expect(opened("district", "campaigns", "field", "cases", "score", "rosters", "uploads")).toEqual(["campaigns", "field", "cases"]);
    expect(opened("contractor", "uploads", "gate", "cards", "count", "ledger")).toEqual(["uploads", "gate"]);
    expect(opened("hall", "windows", "fleet", "staff", "rates", "desk", "flags")).toEqual(["windows", "fleet", "staff", "rates"]);
    expect(opened("auditor", "accounts", "rosters", "ledger", "a-page-made-later")).toEqual(["accounts", "ledger", "a-page-made-later"]);
    expect(opened("paper", "paper", "a-page-made-later")).toEqual(["paper"]);
  });

  it("begin where their work is", () => {
    const roles: Role[] = ["setup", "contractor", "desk", "unit", "district", "hall", "point", "paper", "inspector", "assessor"];
    for (const role of roles) expect(mayOpen([role], firstPage([role]))).toBe(true);
    expect(firstPage(["unit", "organiser"])).toBe("departments");
  });
});
