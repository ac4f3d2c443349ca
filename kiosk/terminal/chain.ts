import { sha256 } from "./sha256";

/** The hash before the first tap of a device. */
export const GENESIS = "0".repeat(64);

/** One tap as it is hashed; `case` is empty without a case. The server writes the same lines. */
export interface Link {
  seq: number;
  id: string;
  window_id: string;
  code: string;
  reasons: readonly string[];
  device_time: string;
  case: string;
}

/** SHA-256 of a tap and of the hash before it: neither number nor order nor word can be changed without its showing. */
export function hashOf(device: string, prev: string, link: Link): string {
  const { seq, id, window_id, code, reasons, device_time } = link;
  return sha256(["pingyi-tap/1", device, seq, prev, id, window_id, code, reasons.join(","), device_time, link.case].join("\n"));
}

/** What the device signs: which taps, from which hash to which, and its clock at sending. */
export function signedText(device: string, first: number, prev: string, count: number, last: string, sentAt: string): string {
  return ["pingyi-batch/1", device, first, prev, count, last, sentAt].join("\n");
}
