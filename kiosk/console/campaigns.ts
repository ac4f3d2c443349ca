import { computed, ref, shallowRef } from "vue";
import type { Campaign, Draw } from "../parts/shapes";
import { asProblem, type Problem } from "../parts/problem";
import { api, ask, isOffice, mayBoard } from "./session";

const KEPT_AS = "pingyi.campaign";

/** Every campaign of the house: the road and several pages look at the same list. */
export const campaigns = shallowRef<Campaign[] | null>(null);
export const campaignsProblem = shallowRef<Problem | null>(null);
/** How many acts wait for a second person. */
export const waiting = ref(0);
const draws = shallowRef<Draw[]>([]);

const chosen = ref(remembered());

function remembered(): string {
  try {
    return sessionStorage.getItem(KEPT_AS) ?? "";
  } catch {
    return "";
  }
}

/** Remember which campaign the person works on, for this tab. */
export function choose(id: string): void {
  chosen.value = id;
  try {
    sessionStorage.setItem(KEPT_AS, id);
  } catch {
    // Without storage the choice holds until the page is loaded anew.
  }
}

/** The campaign of the road: the last one looked at, else the one that needs somebody most. */
export const current = computed<Campaign | null>(() => {
  const all = campaigns.value ?? [];
  return all.find((one) => one.id === chosen.value) ?? all.find((one) => one.state === "open") ?? all[0] ?? null;
});

/** Whether a draw of this campaign has been run. */
export const isDrawn = (id: string): boolean => draws.value.some((draw) => draw.campaign_id === id && draw.run_at);

export async function refreshCampaigns(): Promise<void> {
  if (!mayBoard.value) return;
  try {
    if (!isOffice.value) {
      // A district office and a contractor see their part of the campaigns, and no acts or draws.
      campaigns.value = await ask(api.GET("/api/campaigns"));
      campaignsProblem.value = null;
      return;
    }
    const [all, acts, drawn] = await Promise.all([
      ask(api.GET("/api/campaigns")),
      ask(api.GET("/api/acts")),
      ask(api.GET("/api/draws")),
    ]);
    campaigns.value = all;
    draws.value = drawn;
    waiting.value = acts.filter((act) => act.state === "asked").length;
    campaignsProblem.value = null;
  } catch (thrown) {
    campaignsProblem.value = asProblem(thrown);
  }
}

/** Forget everything of the person who signed out. */
export function forgetCampaigns(): void {
  campaigns.value = null;
  draws.value = [];
  campaignsProblem.value = null;
  waiting.value = 0;
}
