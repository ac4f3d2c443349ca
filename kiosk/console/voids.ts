import { either } from "../parts/i18n";
import type { CampaignDetail, Flag } from "../parts/shapes";
import { t } from "./words";

export interface Scope {
  batch?: number;
  channel?: string;
  stratum?: number;
  point?: number;
  upload?: string;
}
interface Batch {
  no: number;
  stratum_no: number;
  point_no: number;
}

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Area, kind and test point of a cell in words. */
export function cellOf(campaign: CampaignDetail | null, stratum: number, point: number): string {
  const layer = campaign?.strata.find((one) => one.no === stratum);
  const place = campaign?.points.find((one) => one.no === point);
  return [layer?.area, layer?.kind, place?.name].filter(Boolean).join(" · ") || String(stratum);
}

/** What a flag points at, as far as a correction can name it. */
export function suggested(flag: Pick<Flag, "scope" | "upload"> | null, batches: readonly Batch[]): Scope {
  if (!flag) return {};
  const stratum = number(flag.scope.stratum_no);
  const point = number(flag.scope.point_no);
  const same = batches.filter((one) => one.stratum_no === stratum && (point === undefined || one.point_no === point));
  const found: Scope = { stratum, point, channel: text(flag.scope.channel), upload: flag.upload ?? undefined, batch: same.length === 1 ? same[0]?.no : undefined };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Scope;
}

export interface Span {
  begins: string;
  ends: string;
  device: string;
}

const later = (local: string, minutes: number): string => new Date(Date.parse(`${local}:00Z`) + minutes * 60_000).toISOString().slice(0, 16);

/** The span of a window's flag, in local time without a zone: the minutes that it names, or its whole day. */
export function spanOf(flag: Pick<Flag, "scope" | "evidence"> | null): Span {
  const day = text(flag?.scope.day);
  if (!flag || !day) return { begins: "", ends: "", device: "" };
  const from = number(Number(flag.evidence.from_minute));
  const minutes = Number(flag.evidence.minutes);
  const burst = from !== undefined && minutes > 0;
  const begins = later(`${day}T00:00`, burst ? Math.floor(from) : 0);
  return { begins, ends: later(begins, burst ? Math.ceil(from + minutes) - Math.floor(from) : 24 * 60), device: text(flag.scope.device) ?? "" };
}

/** What a correction names, in words. */
export function scopeInWords(scope: Record<string, unknown>, campaign: CampaignDetail | null = null): string {
  if ("batch" in scope) return t("void.isBatch", { no: Number(scope.batch) });
  if ("upload" in scope) return t("void.isUpload", { id: String(scope.upload).slice(0, 8) });
  const channel = t.word("channel", String(scope.channel));
  if (!("stratum" in scope)) return t("void.isChannel", { channel });
  if (!campaign) return t("void.isCell", { stratum: Number(scope.stratum), point: Number(scope.point), channel });
  return [cellOf(campaign, Number(scope.stratum), Number(scope.point)), channel].join(either("，", ", "));
}
