import { answer, makeClient, type Api } from "../parts/client";
import { uuid4 } from "../parts/ids";
import type { DeviceProfile, RatingResult, Reply } from "../parts/shapes";
import { deviceTime } from "../parts/time";
import { signedText } from "./chain";
import { makeKey, signature } from "./key";
import type { Onsite } from "./onsite";
import type { Callback, Device, Stretch } from "./outbox";

export type Case = Reply<"/api/windows/{window_id}/cases/next", "get">;
export type Terminal = Reply<"/api/terminal", "get">;

let device: Device | null = null;
let offset = 0;

/** The token travels in the Authorization header alone, never in an address. */
export function useDevice(next: Device): void {
  device = next;
  try {
    localStorage.removeItem("pingyi.device"); // where an earlier version left it for the ballot page
  } catch {
    // Nothing was left where nothing may be stored.
  }
}

let client: Api | undefined;

export function api(): Api {
  client ??= makeClient((): Record<string, string> => (device ? { Authorization: `Bearer ${device.token}` } : {}));
  return client;
}

/** How many milliseconds the server's clock is ahead of ours, since it last told its time. */
export function clockOffset(): number {
  return offset;
}

/** A code as people type it: any case, with or without spaces and hyphens. */
export function tidyCode(typed: string): string {
  return typed.toUpperCase().replace(/[^0-9A-Z]/g, "");
}

/** The code of a pairing link (`#pair=ABCD2345`), taken out of the address at once so that no history keeps it. */
export function takePairingCode(place: Location, past: History): string {
  const found = /^#pair=([0-9A-Za-z-]+)$/.exec(place.hash);
  if (place.hash) past.replaceState(null, "", place.pathname + place.search);
  return found?.[1] ? tidyCode(found[1]) : "";
}

/** Make a key of this device's own and register it with the pairing code. */
export async function pair(code: string): Promise<Device> {
  const key = await makeKey();
  const body = { pairing_code: code, public_key: key.public };
  const { token, ...profile } = await answer(api().POST("/api/devices/pair", { body }));
  return { token, profile, key };
}

export async function profile(): Promise<DeviceProfile> {
  return answer(api().GET("/api/devices/me"));
}

/** A signed batch, as it is sent and as it lies in a file. */
export async function batchOf(from: Device & { key: NonNullable<Device["key"]> }, taps: Stretch, now = new Date()) {
  const name = from.profile.device_id;
  const [first, sent_at] = [taps.items[0]?.seq ?? 0, deviceTime(now)];
  const text = signedText(name, first, taps.prev, taps.items.length, taps.last, sent_at);
  const sign = await signature(from.key.sign, text);
  const items = taps.items.map((item) => ({ ...item, reasons: [...item.reasons] }));
  return { device: name, first, prev: taps.prev, items, sent_at, sign };
}

export async function sendTaps(taps: Stretch): Promise<RatingResult[]> {
  if (!device) throw new Error("not paired");
  const { key } = device;
  const body = key ? await batchOf({ ...device, key }, taps) : { items: taps.items.map(unsigned) };
  const told = await answer(api().POST("/api/ratings", { body }));
  offset = Date.parse(told.server_time) - Date.now();
  return told.results;
}

/** Terminals that were paired before there were keys go on sending plain lists. */
function unsigned({ id, window_id, code, reasons, device_time }: Stretch["items"][number]) {
  return reasons.length > 0 ? { id, window_id, code, reasons: [...reasons], device_time } : { id, window_id, code, device_time };
}

/** The on-site codes of this minute and the next. */
export async function onsiteCodes(): Promise<Onsite[]> {
  return answer(api().GET("/api/terminal/codes"));
}

/** The server's clock and its key for files. */
export async function terminal(): Promise<Terminal> {
  const told = await answer(api().GET("/api/terminal"));
  offset = Date.parse(told.server_time) - Date.now();
  return told;
}

/** What the office sees of this terminal: its program, how many ratings wait, its clock. */
export async function heartbeat(version: string, waiting: number, refused: number): Promise<void> {
  const body = { version, waiting, refused, device_time: deviceTime(new Date()) };
  await answer(api().POST("/api/devices/heartbeat", { body }));
}

export async function sendCallback(callback: Callback): Promise<void> {
  await answer(api().POST("/api/terminal/callbacks", { body: callback }));
}

export function newCallback(phone: string): Callback {
  return { id: uuid4(), phone };
}

/** The finished case that may be rated here now; null when there is none, or nobody to ask. */
export async function nextCase(window: string): Promise<Case | null> {
  const told = await answer(api().GET("/api/windows/{window_id}/cases/next", { params: { path: { window_id: window } } }));
  return told.case ? told : null;
}
