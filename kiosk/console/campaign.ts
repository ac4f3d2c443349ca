import { useLoad, type Loaded } from "./load";
import type { CampaignDetail } from "../parts/shapes";
import { api, ask } from "./session";

/** One campaign with its strata, points and allowed acts. */
export function useCampaign(id: string): Loaded<CampaignDetail> {
  return useLoad(() => ask(api.GET("/api/campaigns/{campaign_id}", { params: { path: { campaign_id: id } } })));
}
