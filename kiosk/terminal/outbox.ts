import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { DeviceProfile, RatingResult } from "../parts/shapes";

/** One tap of one visitor. `device_time` is the terminal's own clock with its offset. */
export interface Rating {
  id: string;
  window_id: string;
  code: string;
  reasons: string[];
  device_time: string;
}

/** A rating on its way; `hold_until` (ms) keeps it back while its visitor may still pick reasons. */
export interface Waiting extends Rating {
  hold_until: number;
}

export interface SetAside extends Rating {
  why: string;
}

/** What the terminal remembers of itself. */
export interface Device {
  token: string;
  profile: DeviceProfile;
}

export interface Counts {
  /** taps kept on this terminal since it was set up */
  taken: number;
  /** of these, not yet acknowledged */
  waiting: number;
  /** of these, refused by the server and kept aside */
  refused: number;
  /** when the server last acknowledged something (ms), 0 if never */
  synced: number;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: Waiting };
  aside: { key: string; value: SetAside };
  facts: { key: string; value: number | Device };
}

type Db = IDBPDatabase<Schema>;

/**
 * The terminal's own memory. A tap is in here, committed, before anyone is thanked, and leaves
 * only when the server has said stored or duplicate for its id.
 */
export class Outbox {
  private constructor(private readonly db: Db) {}

  static async open(name = "pingyi-terminal"): Promise<Outbox> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("outbox", { keyPath: "id" });
        fresh.createObjectStore("aside", { keyPath: "id" });
        fresh.createObjectStore("facts");
      },
    });
    return new Outbox(db);
  }

  close(): void {
    this.db.close();
  }

  /** Keep a tap. Resolves after the transaction is complete, not before. */
  async add(rating: Rating, holdUntil = 0): Promise<void> {
    const change = this.db.transaction(["outbox", "facts"], "readwrite", { durability: "strict" });
    const facts = change.objectStore("facts");
    const taken = Number((await facts.get("taken")) ?? 0);
    await Promise.all([
      change.objectStore("outbox").add({ ...rating, hold_until: holdUntil }),
      facts.put(taken + 1, "taken"),
      change.done,
    ]);
  }

  /** Write reasons to a tap that still waits, and let it go; gone or sent taps stay as they are. */
  async release(id: string, reasons: string[]): Promise<void> {
    const change = this.db.transaction("outbox", "readwrite", { durability: "strict" });
    const kept = await change.store.get(id);
    if (kept) await change.store.put({ ...kept, reasons, hold_until: 0 });
    await change.done;
  }

  /** Push the end of the wait, while the visitor is still choosing. */
  async hold(id: string, until: number): Promise<void> {
    const change = this.db.transaction("outbox", "readwrite");
    const kept = await change.store.get(id);
    if (kept && kept.hold_until > 0) await change.store.put({ ...kept, hold_until: until });
    await change.done;
  }

  /** The oldest ratings that may be sent at `now` (ms), at most `limit`. */
  async due(now: number, limit: number): Promise<Rating[]> {
    const all = await this.db.getAll("outbox");
    return all
      .filter((kept) => kept.hold_until <= now)
      .sort((a, b) => a.device_time.localeCompare(b.device_time) || a.id.localeCompare(b.id))
      .slice(0, limit)
      .map(({ hold_until: _, ...rating }) => rating);
  }

  /** Take the server's word for each id: acknowledged ones leave, refused ones move aside, unnamed ones stay. How many left. */
  async settle(results: readonly RatingResult[], at = 0): Promise<number> {
    let settled = 0;
    const change = this.db.transaction(["outbox", "aside", "facts"], "readwrite", { durability: "strict" });
    const outbox = change.objectStore("outbox");
    for (const result of results) {
      const kept = await outbox.get(result.id);
      if (!kept) continue;
      if (result.status === "refused") {
        const { hold_until: _, ...rating } = kept;
        await change.objectStore("aside").put({ ...rating, why: result.code ?? "refused" });
      } else if (result.status !== "stored" && result.status !== "duplicate") {
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
      this.db.get("facts", "taken"),
      this.db.get("facts", "synced"),
      this.db.count("outbox"),
      this.db.count("aside"),
    ]);
    return { taken: Number(taken ?? 0), waiting, refused, synced: Number(synced ?? 0) };
  }

  async asides(): Promise<SetAside[]> {
    return this.db.getAll("aside");
  }

  async device(): Promise<Device | null> {
    const kept = await this.db.get("facts", "device");
    return typeof kept === "object" ? kept : null;
  }

  async setDevice(device: Device | null): Promise<void> {
    if (device) await this.db.put("facts", device, "device");
    else await this.db.delete("facts", "device");
  }
}
