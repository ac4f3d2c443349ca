/** Whether a proof holds, worked out here: yes, no, no place in the tree yet, or no WebCrypto to tell (plain http). */
export type Holds = "yes" | "no" | "waiting" | "unknown";

export interface Proof {
  entry: string;
  digest: string;
  seq: number | null;
  size: number | null;
  proof: string[];
  checkpoint: string | null;
}

// A longer entry stands in the tree by its length and digest.
const LONGEST = 65_535;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (value) => value.toString(16).padStart(2, "0")).join("");
const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const unbase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/** The root that a leaf and its path lead to (RFC 6962); null where the path does not fit the place. */
export async function rootFrom(leaf: Uint8Array, index: number, size: number, path: string[]): Promise<string | null> {
  let running = leaf;
  let used = 0;
  for (let at = index, last = size - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    const left = at % 2 === 1;
    if (!left && at === last) continue; // no sibling on this level
    const next = path[used++];
    if (next === undefined) return null;
    const sibling = unhex(next);
    running = left ? await sha256(Uint8Array.of(1), sibling, running) : await sha256(Uint8Array.of(1), running, sibling);
  }
  return used === path.length && index < size ? hex(running) : null;
}

/** Hash the entry, walk its path, compare with the head that was signed. Whose signature that is, the printed root says. */
export async function holds(proof: Proof): Promise<Holds> {
  if (!globalThis.crypto?.subtle) return "unknown";
  const entry = new TextEncoder().encode(proof.entry);
  const digest = hex(await sha256(entry));
  if (digest !== proof.digest) return "no";
  if (proof.seq === null || proof.size === null || proof.checkpoint === null) return "waiting";
  const data = entry.length > LONGEST ? new TextEncoder().encode(`{"bytes":${entry.length},"sha256":"${digest}"}`) : entry;
  const [, size, root] = proof.checkpoint.split("\n");
  const found = await rootFrom(await sha256(Uint8Array.of(0), data), proof.seq, proof.size, proof.proof);
  return found !== null && Number(size) === proof.size && found === hex(unbase64(root ?? "")) ? "yes" : "no";
}
