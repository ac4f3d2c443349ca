/** The key pair of this device. The private half cannot be read out of the browser, only used in it. */
export interface DeviceKey {
  sign: CryptoKey;
  /** base64url of the uncompressed point of P-256 */
  public: string;
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** Does this browser make keys at all? Plain http and kernels of before 2015 do not. */
export function canMakeKeys(): boolean {
  return typeof crypto === "object" && typeof crypto.subtle?.generateKey === "function";
}

export async function makeKey(): Promise<DeviceKey> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { sign: pair.privateKey, public: packed(new Uint8Array(point)) };
}

export async function signature(key: CryptoKey, text: string): Promise<string> {
  const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new TextEncoder().encode(text));
  return packed(new Uint8Array(raw));
}

/** base64url without padding. */
export function packed(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function unpacked(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (char) => char.charCodeAt(0));
}

/**
 * Seal a text to the server's key (ECDH P-256, HKDF-SHA-256, AES-256-GCM): whoever carries the file cannot read it.
 * The result is our one-time point, the nonce and the sealed bytes, base64url.
 */
export async function sealed(to: string, text: string): Promise<string> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", unpacked(to), curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("pingyi-outbox/1");
  const how = { name: "HKDF", hash: "SHA-256", salt: point, info };
  const key = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const inner = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(text)));
  const whole = new Uint8Array(point.length + iv.length + inner.length);
  whole.set(point);
  whole.set(iv, point.length);
  whole.set(inner, point.length + iv.length);
  return packed(whole);
}
