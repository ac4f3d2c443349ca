import { describe, expect, it } from "vitest";
import { road, STEPS, type StepState } from "./road";

const walk = (state: string, issued = 10, drawn = true): StepState[] => road({ state, issued }, { drawn }).map((step) => step.state);

describe("the road", () => {
  it("has seven steps in their order", () => {
    expect(road({ state: "draft", issued: 0 }, { drawn: false }).map((step) => step.name)).toEqual([...STEPS]);
  });

  it.each([
    ["draft", ["now", "done", "done", "later", "later", "later", "absent"]],
    ["ready", ["done", "done", "done", "now", "later", "later", "absent"]],
    ["open", ["done", "done", "done", "now", "later", "later", "absent"]],
    ["closed", ["done", "done", "done", "done", "now", "later", "absent"]],
    ["counting", ["done", "done", "done", "done", "now", "later", "absent"]],
    ["counted", ["done", "done", "done", "done", "done", "now", "absent"]],
    ["published", ["done", "done", "done", "done", "done", "done", "done"]],
  ])("stands right when %s", (state, steps) => {
    expect(walk(state)).toEqual(steps);
  });

  it("does not claim a draw or cards that never were", () => {
    expect(walk("open", 0, false).slice(1, 3)).toEqual(["none", "none"]);
    expect(walk("draft", 0, false).slice(1, 3)).toEqual(["later", "later"]);
  });
});
