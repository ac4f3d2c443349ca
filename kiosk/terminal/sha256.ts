/**
 * SHA-256 (FIPS 180-4) of a text, as hex, in one go: WebCrypto answers only later, and a database transaction that waits
 * for anything else is closed by the browser, so that a chain could not be written in one.
 */
export function sha256(text: string): string {
  const state = Uint32Array.from(START);
  const words = padded(new TextEncoder().encode(text));
  const w = new Uint32Array(64);
  for (let at = 0; at < words.length; at += 16) {
    w.set(words.subarray(at, at + 16));
    block(state, w);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** The message, a 1 bit, zeros and its length in bits, as big-endian words; a multiple of sixteen. */
function padded(bytes: Uint8Array): Uint32Array {
  const whole = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  whole.set(bytes);
  whole[bytes.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(whole.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(whole.length - 4, (bytes.length << 3) >>> 0);
  const words = new Uint32Array(whole.length >> 2);
  for (let at = 0; at < words.length; at += 1) words[at] = view.getUint32(at << 2);
  return words;
}

const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by));
const of = (list: Uint32Array, at: number): number => list[at] as number;

function block(state: Uint32Array, w: Uint32Array): void {
  for (let at = 16; at < 64; at += 1) {
    const [two, fifteen] = [of(w, at - 2), of(w, at - 15)];
    const low = turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3);
    const high = turn(two, 17) ^ turn(two, 19) ^ (two >>> 10);
    w[at] = of(w, at - 16) + low + of(w, at - 7) + high;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let at = 0; at < 64; at += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + of(ROUNDS, at) + of(w, at)) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, at) => (state[at] = of(state, at) + value));
}

/** The first 32 bits of the fractions of roots of the first primes: square roots to begin with, cube roots for the rounds. */
function fractions(count: number, root: (n: number) => number): Uint32Array {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) {
    let prime = true;
    for (let by = 2; by * by <= n; by += 1) prime &&= n % by !== 0;
    if (prime) found.push((root(n) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found);
}

const START = fractions(8, Math.sqrt);
const ROUNDS = fractions(64, Math.cbrt);
