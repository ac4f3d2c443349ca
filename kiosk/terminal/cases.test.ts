import { describe, expect, it } from "vitest";
import { Problem } from "../parts/problem";
import type { DeviceProfile } from "../parts/shapes";
import { Cases } from "./cases";
import type { Case } from "./device";

const at = (mode: "case" | "counter"): DeviceProfile => ({ window: { id: "w1" }, mode }) as DeviceProfile;
const one = (token: string): Case => ({ case: token, service: "身份证换领", until: null }) as Case;

function cases(answers: (Case | null | Error)[]): { cases: Cases; heard: () => number } {
  let heard = 0;
  const ask = async (): Promise<Case | null> => {
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof Error) throw next;
    return next ?? null;
  };
  return { cases: new Cases(ask, () => (heard += 1)), heard: () => heard };
}

describe("one rating for each case", () => {
  it("waits for a case, takes its token once, and does not ask about it again", async () => {
    const { cases: made, heard } = cases([null, one("a"), one("a"), one("a"), one("b")]);
    made.begin(at("case"), []);
    await made.look();
    await made.look();
    expect([made.open.value, made.token(), heard()]).toEqual([true, "a", 1]);
    made.rated();
    expect([made.open.value, made.token()]).toEqual([false, ""]);
    await made.look();
    expect([made.open.value, made.token()]).toEqual([false, ""]);
    await made.look();
    expect([made.open.value, made.token(), heard()]).toEqual([true, "b", 2]);
    made.follow(at("counter"));
    expect([made.open.value, made.token()]).toEqual([true, ""]);
  });

  it("does not ask about a case whose rating still waits in the outbox", async () => {
    const { cases: made } = cases([one("a")]);
    made.begin(at("case"), ["a"]);
    await made.look();
    expect(made.open.value).toBe(false);
    made.follow(at("counter"));
  });

  it("lets people rate without a case while nobody can be asked", async () => {
    const away = new Problem({ status: 0, code: "network", detail: "", detail_en: "", next: "", next_en: "" });
    const { cases: made } = cases([away]);
    made.begin(at("case"), []);
    await made.look();
    expect([made.open.value, made.token()]).toEqual([true, ""]);
    made.follow(at("counter"));
  });
});
