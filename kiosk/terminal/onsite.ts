import type { Reply } from "../parts/shapes";

export type Onsite = Reply<"/api/terminal/codes", "get">[number];

const MINUTE = 60_000;

/** The code of this minute by the server's clock; null when the last one that we were given is over. */
export function codeAt(codes: readonly Onsite[], now: number): Onsite | null {
  return codes.find(({ begins }) => now >= Date.parse(begins) && now < Date.parse(begins) + MINUTE) ?? null;
}
