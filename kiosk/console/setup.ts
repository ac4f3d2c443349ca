import { computed, nextTick, ref, shallowRef, watch, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import { answer } from "../parts/client";
import { asProblem, type Problem } from "../parts/problem";
import type { Reply } from "../parts/shapes";
import { api, ask } from "./session";

export type SetupDetail = Reply<"/api/setups/{setup_id}", "get">;
export type SetupDoc = SetupDetail["doc"];
export type SetupRow = Reply<"/api/setups", "get">[number];
export type Shelf = Reply<"/api/setups/shelf", "get">;
export type Rows = Reply<"/api/setups/rows", "post">;
export type UnitLine = Shelf["units"][number]["units"][number];
export type CellLine = Shelf["populations"][number]["cells"][number];

/** The steps in their order: those before the campaign is made, and those after it. */
export const BEFORE = ["about", "units", "areas", "form", "sample", "words"] as const;
export const AFTER = ["make", "people", "cards", "open"] as const;
export const STEPS = [...BEFORE, ...AFTER] as const;
export type StepName = (typeof STEPS)[number];
export type Mark = "done" | "now" | "later";

/** Whether a step is behind the person, waits for them, or waits for the campaign to be made. */
export function markOf(step: StepName, found: SetupDetail | null): Mark {
  if (!found) return step === "about" ? "now" : "later";
  const made = found.campaign_id !== null;
  const before = found.steps.find((one) => one.name === step);
  if (before) return before.whole ? "done" : "now";
  const ready = found.steps.every((one) => one.whole);
  switch (step) {
    case "make":
      return made ? "done" : ready ? "now" : "later";
    case "people":
      return !made ? "later" : found.people.contractors.length && found.people.seconds.length + found.people.seconds_later.length ? "done" : "now";
    case "cards":
      return !made ? "later" : found.cards && found.state !== "draft" ? "done" : "now";
    default:
      return found.state && !["draft", "ready"].includes(found.state) ? "done" : found.state === "ready" ? "now" : "later";
  }
}

/** The step to begin with: the first that is not done. */
export const firstOpen = (found: SetupDetail | null): StepName => STEPS.find((step) => markOf(step, found) !== "done") ?? "open";

export const isStep = (name: unknown): name is StepName => (STEPS as readonly unknown[]).includes(name);

/** The day so many days from now, as a field of dates wants it, in the city's time (UTC+8). */
export const dayIn = (days: number, now = Date.now()): string => new Date(now + (days * 24 + 8) * 3600_000).toISOString().slice(0, 10);

/** What a new set-up begins with: the usual, so that most people change a title and go on. */
export function usual(title: string, now = Date.now()): SetupDoc {
  return {
    about: { title, title_en: "", purpose: "real", opens_on: dayIn(7, now), closes_on: dayIn(21, now) },
    units: [],
    areas: { cells: [], source: "", made_up: false },
    form: { template: "", scale: "" },
    sample: { sheets: 1000, minimum: 50, reserve: 5 },
    words: { contact: "", zh: "", hant: "", en: "" },
  };
}

/** The template that fits a number of units: one that was written for it, else the one for any list with four options. */
export function fitting(templates: Shelf["templates"], units: number): string {
  const four = templates.find((one) => one.units === units && one.id.endsWith("-4"));
  return (four ?? templates.find((one) => one.units === units && one.rates) ?? templates.find((one) => one.id === "luohe-80"))?.id ?? "";
}

/** Half of the 95 % interval of one unit's score of 0 to 100, at a spread of 40 points and with no design effect. */
export const halfWidth = (sheets: number): number | null => (sheets > 0 ? (1.96 * 40) / Math.sqrt(sheets) : null);

export interface Desk {
  id: Ref<string>;
  found: ShallowRef<SetupDetail | null>;
  /** What is stated on the page, saved or not. */
  doc: Ref<SetupDoc>;
  dirty: ComputedRef<boolean>;
  busy: Ref<boolean>;
  problem: ShallowRef<Problem | null>;
  /** Save what was changed; true when it is on the server. */
  save: () => Promise<boolean>;
  load: () => Promise<void>;
  doing: (act: () => Promise<void>) => Promise<boolean>;
}

export const DESK: InjectionKey<Desk> = Symbol("setup");

/** One set-up on the page: what the server has, what is stated here, and the way between them. `id` empty: a new one. */
export function useDesk(given: string, title: string): Desk {
  const id = ref(given);
  const found = shallowRef<SetupDetail | null>(null);
  const doc = ref<SetupDoc>(usual(title));
  const busy = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const dirty = computed(() => !found.value || JSON.stringify(doc.value) !== JSON.stringify(found.value.doc));
  watch(found, (now) => {
    if (now) doc.value = JSON.parse(JSON.stringify(now.doc)) as SetupDoc;
  });

  async function doing(act: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    problem.value = null;
    try {
      await act();
      return true;
    } catch (thrown) {
      problem.value = asProblem(thrown);
      return false;
    } finally {
      busy.value = false;
    }
  }
  const path = () => ({ params: { path: { setup_id: id.value } } });

  async function load(): Promise<void> {
    if (id.value) await doing(async () => void (found.value = await ask(api.GET("/api/setups/{setup_id}", path()))));
  }
  // One after the other: two at once would name the same revision, and the second be told that somebody else saved.
  let saving: Promise<boolean> = Promise.resolve(true);
  const save = (): Promise<boolean> => (saving = saving.then(saveNow));

  async function saveNow(): Promise<boolean> {
    if (found.value && (!dirty.value || found.value.campaign_id)) return true;
    return doing(async () => {
      if (found.value) {
        const sent = JSON.stringify(doc.value);
        const body = { revision: found.value.revision, doc: doc.value };
        const kept = await ask(api.PUT("/api/setups/{setup_id}", { ...path(), body }));
        const typed = JSON.stringify(doc.value);
        found.value = kept;
        // What was typed while the answer was on its way stays; the next saving takes it along.
        if (typed !== sent) await nextTick(() => (doc.value = JSON.parse(typed) as SetupDoc));
      } else {
        const made = await ask(api.POST("/api/setups", { body: doc.value }));
        id.value = made.id;
        found.value = made;
      }
    });
  }
  return { id, found, doc, dirty, busy, problem, save, load, doing };
}

/** Have a list read by the server: a file, or what was pasted. */
export async function readRows(what: "units" | "areas", given: File | string): Promise<Rows> {
  const query = { what, ...(typeof given === "string" ? {} : { filename: given.name }) };
  const body = typeof given === "string" ? new TextEncoder().encode(given) : given;
  const headers = { "Content-Type": "application/octet-stream" };
  return answer(api.POST("/api/setups/rows", { params: { query }, body: body as never, bodySerializer: (raw) => raw as BodyInit, headers }));
}

/** The file given back with its faulty cells marked. */
export const markedRows = (what: "units" | "areas", file: File): Promise<unknown> =>
  answer(
    api.POST("/api/setups/rows/marked", {
      params: { query: { what, filename: file.name } },
      body: file as never,
      bodySerializer: (raw) => raw as BodyInit,
      headers: { "Content-Type": "application/octet-stream" },
      parseAs: "blob",
    }),
  );

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export interface OfficeKey {
  /** 64 hex digits, which go to the server. */
  public: string;
  /** The file of the counting office, as `pingyi mix run` reads it; it never leaves this machine. */
  file: string;
}

/** Whether this browser can make a key of the counting office: on https or localhost, and not too old. */
export const canMakeKeys = (): boolean => typeof crypto !== "undefined" && "subtle" in crypto;

/** A key pair of the counting office (计票处密钥), made in this browser; the private half is nowhere but in the file. */
export async function newKey(passphrase: string): Promise<OfficeKey> {
  const pair = (await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const { d = "" } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const inner = Uint8Array.from(atob(d.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  return { public: hex(raw), file: await locked(inner, passphrase) };
}

/** Rounds of PBKDF2-SHA-256, some seconds for each guess on a usual machine. */
const ROUNDS = 1_000_000;

/** The private half under a passphrase, in the one line that `api/key_files.py` describes and reads. */
async function locked(inner: Uint8Array<ArrayBuffer>, passphrase: string): Promise<string> {
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const head = `PINGYI-SEALING-KEY-2 pbkdf2 ${ROUNDS} ${hex(salt)} ${hex(iv)} `;
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  const key = await crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const bound = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(head) };
  return `${head}${hex(new Uint8Array(await crypto.subtle.encrypt(bound, key, inner)))}\n`;
}

/** Hand a file to the person without asking the server for it again. */
export function saveFile(name: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
