import type { paths } from "../gen/schema";

type Verb = "get" | "post" | "put" | "delete";

/** The JSON a route answers with, found by its path, so that renaming a schema on the server breaks nothing here. */
export type Reply<P extends keyof paths, M extends Verb, S extends number = 200> = paths[P] extends {
  [verb in M]: { responses: { [status in S]: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export type Campaign = Reply<"/api/campaigns", "get">[number];
export type CampaignDetail = Reply<"/api/campaigns/{campaign_id}", "get">;
export type Progress = Reply<"/api/campaigns/{campaign_id}/progress", "get">;
export type Quota = Reply<"/api/campaigns/{campaign_id}/quotas", "get">[number];
export type ProgressRow = Progress["rows"][number];
export type Result = Reply<"/api/campaigns/{campaign_id}/results", "get">;
export type ResultRow = Result["rows"][number];
export type OpenUnit = Result["open"][number];
export type Estimation = Reply<"/api/campaigns/{campaign_id}/estimation", "get">;
export type Tallies = Reply<"/api/campaigns/{campaign_id}/tallies", "get">;
export type Flag = Reply<"/api/flags", "get">[number];
export type Act = Reply<"/api/acts", "get">[number];
export type WindowRow = Reply<"/api/windows", "get">[number];
export type WindowTallies = Reply<"/api/windows/{window_id}/tallies", "get">;
export type Upload = Reply<"/api/uploads/{upload_id}", "get">;
export type UploadRow = Reply<"/api/uploads", "get">[number];
export type Draw = Reply<"/api/draws", "get">[number];
export type DrawDetail = Reply<"/api/draws/{draw_id}", "get">;
export type Account = Reply<"/api/accounts", "get">[number];
export type Unit = Reply<"/api/units", "get">[number];
export type Round = Reply<"/api/rounds", "get">[number];
export type Scorecards = Reply<"/api/rounds/{round_id}/scorecards", "get">;
export type CardRow = Scorecards["rows"][number];
export type Named = Scorecards["names"][number];
export type Card = Reply<"/api/rounds/{round_id}/scorecards/{unit_code}", "get">;
export type CardLine = Card["root"];
export type RoundQuestions = Reply<"/api/rounds/{round_id}/questions", "get">;
export type RoundQuestion = RoundQuestions["questions"][number];
export type RoundBorder = RoundQuestions["borders"][number];
export type RoundHistory = Reply<"/api/rounds/{round_id}/history", "get">;
export type RoundChange = RoundHistory["changes"][number];
/** Pairs come as lists: the client does not keep how long they are. */
export type Comparison = Omit<Reply<"/api/rounds/{round_id}/compare", "post">, "flips"> & { flips: string[][] };
export type Shift = Comparison["shifts"][number];
export type SchemeRow = Reply<"/api/schemes", "get">["stored"][number];
export type SchemeDetail = Reply<"/api/schemes/{scheme_id}", "get">;
export type SchemeFault = Reply<"/api/schemes/prove", "post">["faults"][number];
export type RoundPapers = Reply<"/api/rounds/{round_id}/documents", "get">;
export type PlanQuestion = Reply<"/api/rounds/plan", "get">[number];
export type RoundName = Reply<"/api/rounds/names", "get">[number];
export type MarkStanding = Reply<"/api/marks/standing", "get">[number];
export type PartMarks = Reply<"/api/marks", "get">;
export type Owed = Reply<"/api/duties", "get">[number];
export type Finding = Reply<"/api/findings", "get">[number];
export type WaitingFinding = Reply<"/api/findings/waiting", "get">[number];
export type FindingDetail = Reply<"/api/findings/{finding_id}", "get">;
export type FindingMove = FindingDetail["moves"][number];
export type InspectionPlan = Reply<"/api/inspections", "get">[number];
export type InspectionSheet = Reply<"/api/inspections/{plan_id}", "get">;
export type Frame = Reply<"/api/frames", "get">[number];
export type Roster = Reply<"/api/rosters", "get">[number];
export type RosterDraw = Reply<"/api/rosters/{roster}/draws", "get">[number];
export type DrawnPerson = Reply<"/api/rosters/{roster}/draws/{draw_id}", "get">[number];
export type Lot = Reply<"/api/campaigns/{campaign_id}/lots", "get">[number];
export type PaperBlank = Reply<"/api/paper/campaigns/{campaign_id}/blank", "post">;
export type Place = PaperBlank["places"][number];
export type PaperOption = Place["options"][number];
export type PaperDifference = Reply<"/api/paper/campaigns/{campaign_id}/differences/{serial}", "get">[number];
export type Session = Reply<"/api/session", "get">;
export type DeviceProfile = Reply<"/api/devices/me", "get">;
export type Paired = Reply<"/api/devices/pair", "post", 201>;
export type RatingResult = Reply<"/api/ratings", "post">["results"][number];
