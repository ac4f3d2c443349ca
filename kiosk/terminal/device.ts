import { answer, makeClient, type Api } from "../parts/client";
import type { DeviceProfile, RatingResult } from "../parts/shapes";
import type { Device, Rating } from "./outbox";

let token = "";

/**
 * The token travels in the Authorization header alone, never in an address. The ballot page on the same tablet shows it
 * too: at a test point (测评点) many people look up their codes on one device.
 */
export function useToken(next: string): void {
  token = next;
  try {
    localStorage.setItem("pingyi.device", next);
  } catch {
    // Without storage the ballot page is that of any phone.
  }
}

let client: Api | undefined;

function api(): Api {
  client ??= makeClient((): Record<string, string> => (token ? { Authorization: `Bearer ${token}` } : {}));
  return client;
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

export async function pair(code: string): Promise<Device> {
  const { token: fresh, ...profile } = await answer(api().POST("/api/devices/pair", { body: { pairing_code: code } }));
  return { token: fresh, profile };
}

export async function profile(): Promise<DeviceProfile> {
  return answer(api().GET("/api/devices/me"));
}

export async function sendRatings(items: Rating[]): Promise<RatingResult[]> {
  const slim = items.map(({ reasons, ...item }) => (reasons.length > 0 ? { ...item, reasons } : item));
  return (await answer(api().POST("/api/ratings", { body: { items: slim } }))).results;
}
