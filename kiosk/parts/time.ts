import { lang } from "./i18n";

const ZONE = "Asia/Shanghai";
const two = (n: number): string => String(n).padStart(2, "0");

function parts(at: Date): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/** An instant from the server (ISO, UTC) as "2026-11-22 10:04", always in Shanghai time. */
export function stamp(iso: string | null | undefined): string {
  if (!iso) return "—";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** The instant of a date and time typed without a zone, "2026-11-22T10:04": Shanghai time, which knows no summer time. */
export const typed = (local: string): string => `${local}:00+08:00`;

/** Only the clock of an instant, "10:04", in Shanghai time. */
export function clock(at: Date): string {
  const p = parts(at);
  return `${p.hour}:${p.minute}`;
}

/** The device's own time with its offset, "2026-11-22T10:00:00+08:00": the server compares it with its clock. */
export function deviceTime(at: Date): string {
  const east = -at.getTimezoneOffset();
  const sign = east < 0 ? "-" : "+";
  const zone = `${sign}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${zone}`;
}

/** Whole numbers with separators, in the habit of the language. */
export function count(n: number): string {
  return new Intl.NumberFormat(lang.value === "zh" ? "zh-CN" : "en-GB").format(n);
}

/** A percentage that came as 0–100. */
export function percent(value: number | null | undefined, places = 1): string {
  return value === null || value === undefined ? "—" : `${value.toFixed(places)}%`;
}
