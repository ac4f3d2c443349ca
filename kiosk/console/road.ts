import type { Campaign } from "../parts/shapes";

export const STEPS = ["prepare", "draw", "cards", "field", "count", "score", "publish"] as const;
export type StepName = (typeof STEPS)[number];
/** `none`: passed without leaving anything; `absent`: this version cannot do it yet. */
export type StepState = "done" | "now" | "later" | "none" | "absent";

export interface Step {
  name: StepName;
  state: StepState;
}

const ORDER = ["draft", "ready", "open", "closed", "counting", "counted", "published"];

/** A campaign as a road: which steps are behind it, where it stands, what lies ahead. */
export function road(campaign: Pick<Campaign, "state" | "issued">, { drawn }: { drawn: boolean }): Step[] {
  const place = ORDER.indexOf(campaign.state);
  const begun = place >= ORDER.indexOf("open");
  const reached = (state: string, now: string[]): StepState =>
    now.includes(campaign.state) ? "now" : place > ORDER.indexOf(state) ? "done" : "later";
  const states: Record<StepName, StepState> = {
    prepare: campaign.state === "draft" ? "now" : "done",
    draw: drawn ? "done" : begun || campaign.issued ? "none" : "later",
    cards: campaign.issued ? "done" : begun ? "none" : "later",
    field: reached("open", ["ready", "open"]),
    count: reached("counting", ["closed", "counting"]),
    score: reached("counted", ["counted"]),
    publish: campaign.state === "published" ? "done" : "absent",
  };
  return STEPS.map((name) => ({ name, state: states[name] }));
}
