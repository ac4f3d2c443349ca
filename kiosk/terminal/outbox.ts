import { openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore } from "idb";
import type { DeviceProfile, RatingResult } from "../parts/shapes";
import { GENESIS, hashOf, type Link } from "./chain";
import type { DeviceKey } from "./key";

/** One tap of one visitor. `device_time` is the terminal's own clock with its offset; `case` the token of a case. */
export interface Rating {
  id: string;
  window_id: string;
  code: string;
  reasons: string[];
  device_time: string;
  case: string;
}

/** A kept tap: its number; its hashes once nothing about it can change; until when (ms) its visitor may still pick reasons. */
interface Kept extends Rating {
  seq: number;
  hash: string;
  prev: string;
  hold_until: number;
}

export interface SetAside extends Rating {
  seq: number;
  why: string;
}

/** A telephone number on its way to the office. Nothing leads from it to a rating. */
export interface Callback {
  id: string;
  phone: string;
}

/** What the terminal remembers of itself. Paired before there were keys: without one. `files_key`: what files are sealed to. */
export interface Device {
  token: string;
  profile: DeviceProfile;
  key?: DeviceKey;
  files_key?: string;
}

/** Taps that follow each other, ready to be signed. */
export interface Stretch {
  prev: string;
  last: string;
  items: Link[];
}

export interface Counts {
  /** taps kept on this terminal since it was set up */
  taken: number;
  /** of these, not yet acknowledged */
  waiting: number;
  /** of these, refused by the server and kept here */
  refused: number;
  /** when the server last acknowledged something (ms), 0 if never */
  synced: number;
}

type Fact = "taken" | "synced" | "seq" | "sealed" | "head" | "device" | "probe";

interface Schema extends DBSchema {
  outbox: { key: string; value: Kept; indexes: { seq: number } };
  aside: { key: string; value: SetAside };
  callbacks: { key: string; value: Callback };
  facts: { key: Fact; value: number | string | Device };
}

type Db = IDBPDatabase<Schema>;
type Store<N extends "outbox" | "facts"> = IDBPObjectStore<Schema, ("outbox" | "facts")[], N, "readwrite" | "versionchange">;

const STRICT = { durability: "strict" } as const;
/** A visitor has this long for the reasons; a hold that ends later was written by a clock that jumped. */
export const LONGEST_HOLD = 60_000;

/**
 * The terminal's own memory. A tap is in here, numbered and committed, before anyone is thanked. It is chained to the
 * tap before it as soon as nothing about it can change, and leaves only when the server has answered for it by its id.
 */
export class Outbox {
  private constructor(private readonly db: Db) {}

  static async open(name = "pingyi-terminal"): Promise<Outbox> {
    const db = await openDB<Schema>(name, 2, {
      async upgrade(fresh, from, _to, change) {
        if (from < 1) {
          fresh.createObjectStore("outbox", { keyPath: "id" });
          fresh.createObjectStore("aside", { keyPath: "id" });
          fresh.createObjectStore("facts");
        }
        fresh.createObjectStore("callbacks", { keyPath: "id" });
        const outbox = change.objectStore("outbox");
        const old = await outbox.getAll();
        old.sort((a, b) => a.device_time.localeCompare(b.device_time) || a.id.localeCompare(b.id));
        await renumber(outbox as unknown as Store<"outbox">, change.objectStore("facts") as unknown as Store<"facts">, old);
        outbox.createIndex("seq", "seq", { unique: true });
      },
      // Another tab brings a newer program: let it, this one opens anew.
      blocking: (_now, _next, event) => (event.target as IDBDatabase).close(),
    });
    return new Outbox(db);
  }

  close(): void {
    this.db.close();
  }

  /** Write something and wait for the disk; raises what the browser says when it may not store or has no room. */
  async probe(): Promise<void> {
    const change = this.db.transaction("facts", "readwrite", STRICT);
    await Promise.all([change.store.put("x".repeat(4096), "probe"), change.store.delete("probe"), change.done]);
  }

  /** Keep a tap under the next number. Resolves after the transaction is complete, not before. */
  async add(rating: Rating, holdUntil = 0): Promise<void> {
    const change = this.db.transaction(["outbox", "facts"], "readwrite", STRICT);
    const facts = change.objectStore("facts");
    // Asked for together: each wait is felt between the tap and the thanks.
    const [taken, last] = await Promise.all([number(facts.get("taken")), number(facts.get("seq"))]);
    const seq = last + 1;
    await Promise.all([
      change.objectStore("outbox").add({ ...rating, seq, hash: "", prev: "", hold_until: holdUntil }),
      facts.put(taken + 1, "taken"),
      facts.put(seq, "seq"),
      change.done,
    ]);
  }

  /** Write reasons to a tap that still waits, and let it go; gone or sent taps stay as they are. */
  async release(id: string, reasons: string[]): Promise<void> {
    await this.change(id, (kept) => ({ ...kept, reasons, hold_until: 0 }));
  }

  /** Push the end of the wait, while the visitor is still choosing. */
  async hold(id: string, until: number): Promise<void> {
    await this.change(id, (kept) => (kept.hold_until > 0 ? { ...kept, hold_until: until } : kept));
  }

  private async change(id: string, next: (kept: Kept) => Kept): Promise<void> {
    const change = this.db.transaction("outbox", "readwrite", STRICT);
    const kept = await change.store.get(id);
    if (kept && kept.hash === "") await change.store.put(next(kept));
    await change.done;
  }

  /**
   * Chain what nothing can change any more, in the order of the numbers; a held tap holds those behind it. `all` waits for
   * nobody: for a file. The chain is on the disk before anything of it is sent.
   */
  async seal(now: number, all = false): Promise<void> {
    const change = this.db.transaction(["outbox", "facts"], "readwrite", STRICT);
    const facts = change.objectStore("facts");
    const device = await facts.get("device");
    const name = typeof device === "object" ? device.profile.device_id : "";
    let head = String((await facts.get("head")) ?? GENESIS);
    let last = await number(facts.get("sealed"));
    const open = await change.objectStore("outbox").index("seq").getAll(IDBKeyRange.lowerBound(last, true));
    const ready: Promise<unknown>[] = [];
    for (const kept of open) {
      const left = kept.hold_until - now;
      if (!name || (!all && left > 0 && left <= LONGEST_HOLD)) break;
      const hash = hashOf(name, head, kept);
      ready.push(change.objectStore("outbox").put({ ...kept, hash, prev: head, hold_until: 0 }));
      [head, last] = [hash, kept.seq];
    }
    // Nothing new: the disk is not asked, for a tap may come at any moment and would have to wait for it.
    if (ready.length) ready.push(facts.put(head, "head"), facts.put(last, "sealed"));
    await Promise.all([...ready, change.done]);
  }

  /** The lowest chained numbers from `from` on that follow each other, at most `limit`; null when nothing is ready. */
  async stretch(limit: number, from = 1): Promise<Stretch | null> {
    const found = await this.db.getAllFromIndex("outbox", "seq", IDBKeyRange.lowerBound(from), limit);
    const first = found[0];
    if (!first) return null;
    const run = found.filter((kept, at) => kept.hash !== "" && kept.seq === first.seq + at);
    const last = run[run.length - 1];
    return last ? { prev: first.prev, last: last.hash, items: run.map(link) } : null;
  }

  /**
   * Take the server's word for each id: what it stored, knew or keeps for the office leaves; what it refuses moves
   * aside; what it does not name stays. How many left.
   */
  async settle(results: readonly RatingResult[], at = 0): Promise<number> {
    let settled = 0;
    const change = this.db.transaction(["outbox", "aside", "facts"], "readwrite", STRICT);
    const outbox = change.objectStore("outbox");
    for (const result of results) {
      const kept = await outbox.get(result.id);
      if (!kept) continue;
      if (result.status === "refused") {
        await change.objectStore("aside").put({ ...link(kept), reasons: kept.reasons, why: result.code ?? "refused" });
      } else if (!DONE.has(result.status)) {
        continue;
      }
      await outbox.delete(result.id);
      settled += 1;
    }
    if (at > 0) await change.objectStore("facts").put(at, "synced");
    await change.done;
    return settled;
  }

  async counts(): Promise<Counts> {
    const [taken, synced, waiting, refused] = await Promise.all([
      number(this.db.get("facts", "taken")),
      number(this.db.get("facts", "synced")),
      this.db.count("outbox"),
      this.db.count("aside"),
    ]);
    return { taken, waiting, refused, synced };
  }

  /** The cases that are rated here, but not yet on the server: they are not asked about again. */
  async cases(): Promise<string[]> {
    return (await this.db.getAll("outbox")).flatMap((kept) => (kept.case ? [kept.case] : []));
  }

  async asides(): Promise<SetAside[]> {
    return this.db.getAll("aside");
  }

  async device(): Promise<Device | null> {
    const kept = await this.db.get("facts", "device");
    return typeof kept === "object" ? kept : null;
  }

  /** Remember what the server says of this terminal now. */
  async setDevice(device: Device): Promise<void> {
    await this.db.put("facts", device, "device");
  }

  /** Become another device: what still waits is numbered and chained anew, from 1, under its key. */
  async become(device: Device): Promise<void> {
    const change = this.db.transaction(["outbox", "facts"], "readwrite", STRICT);
    const outbox = change.objectStore("outbox");
    await renumber(outbox, change.objectStore("facts"), await outbox.index("seq").getAll());
    await Promise.all([change.objectStore("facts").put(device, "device"), change.done]);
  }

  async addCallback(callback: Callback): Promise<void> {
    await this.db.put("callbacks", callback);
  }

  async callbacks(): Promise<Callback[]> {
    return this.db.getAll("callbacks");
  }

  async dropCallback(id: string): Promise<void> {
    await this.db.delete("callbacks", id);
  }
}

const DONE: ReadonlySet<RatingResult["status"]> = new Set(["stored", "duplicate", "aside"] as const);

async function number(found: Promise<unknown>): Promise<number> {
  return Number((await found) ?? 0);
}

/** Number taps from 1 in this order, as not chained yet. A lower number is always free by then. */
async function renumber(outbox: Store<"outbox">, facts: Store<"facts">, taps: readonly Kept[]): Promise<void> {
  let seq = 0;
  for (const kept of taps) {
    seq += 1;
    await outbox.put({ ...kept, case: kept.case ?? "", seq, hash: "", prev: "" });
  }
  await facts.put(seq, "seq");
  await facts.put(0, "sealed");
  await facts.put(GENESIS, "head");
}

function link({ seq, id, window_id, code, reasons, device_time, case: token }: Kept): Link & { reasons: string[] } {
  return { seq, id, window_id, code, reasons, device_time, case: token };
}
