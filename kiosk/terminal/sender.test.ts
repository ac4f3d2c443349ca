import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../parts/problem";
import type { DeviceProfile, RatingResult } from "../parts/shapes";
import { Outbox, type Stretch } from "./outbox";
import { Sender, type Hooks } from "./sender";

const problem = (status: number): Problem =>
  new Problem({ status, code: `s${status}`, detail: "", detail_en: "", next: "", next_en: "" });

let box: Outbox;
let unknown: number;
let hooks: Hooks;

beforeEach(async () => {
  box = await Outbox.open(`sender-${Math.random()}`);
  await box.setDevice({ token: "t", profile: { device_id: "d1" } as DeviceProfile });
  unknown = 0;
  hooks = { changed: () => undefined, unknown: () => (unknown += 1), now: () => Date.now(), random: () => 0.5 };
  for (let number = 1; number <= 5; number += 1) {
    await box.add({ id: `id-${number}`, window_id: "w1", code: "5", reasons: [], case: "", device_time: `2026-11-22T10:00:0${number}+08:00` });
  }
});

async function run(send: (taps: Stretch) => Promise<RatingResult[]>): Promise<Sender> {
  const sender = new Sender(box, send, hooks);
  sender.start();
  await sender.kick();
  await rest(sender);
  sender.stop();
  return sender;
}

/** Wait until it has nothing to do at the moment, however slow the machine is. */
async function rest(sender: Sender): Promise<void> {
  const busy = (): boolean => (sender as unknown as { running: boolean }).running;
  do await new Promise((done) => setTimeout(done, 10));
  while (busy());
}

const stored = ({ items }: Stretch): RatingResult[] => items.map(({ id }) => ({ id, status: "stored" }));

describe("sending in the background", () => {
  it("empties the outbox in one list", async () => {
    const lists: number[] = [];
    await run(async (taps) => {
      lists.push(taps.items.length);
      return stored(taps);
    });
    expect(lists).toEqual([5]);
    expect((await box.counts()).waiting).toBe(0);
  });

  it("keeps everything when the network is away, and waits longer each time", async () => {
    const sender = await run(async () => Promise.reject(new TypeError("offline")));
    expect((await box.counts()).waiting).toBe(5);
    const first = sender.pause();
    sender.start();
    await sender.kick();
    await rest(sender);
    sender.stop();
    expect(sender.pause()).toBeGreaterThan(first);
    expect(sender.pause()).toBeLessThanOrEqual(300_000 * 1.2);
  });

  it("finds the one rating that the server cannot read and lets the others through", async () => {
    await run(async (taps) => {
      if (taps.items.some(({ id }) => id === "id-3")) throw problem(422);
      return stored(taps);
    });
    expect(await box.counts()).toMatchObject({ waiting: 0, refused: 1 });
    expect((await box.asides())[0]?.id).toBe("id-3");
  });

  it("stops and asks to be paired when the server no longer knows the terminal; nothing is lost", async () => {
    await run(async () => Promise.reject(problem(401)));
    expect(unknown).toBe(1);
    expect((await box.counts()).waiting).toBe(5);
  });

  it("waits when nothing can be written, and goes on when it can", async () => {
    const write = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("Encountered full disk", "QuotaExceededError");
    };
    const sender = await run(async (taps) => stored(taps)).finally(() => (IDBObjectStore.prototype.put = write));
    expect((await box.counts()).waiting).toBe(5);
    await sender.kick();
    expect(sender.pause()).toBeGreaterThan(0);
    await run(async (taps) => stored(taps));
    expect((await box.counts()).waiting).toBe(0);
  });

  it("does not spin on an answer that names nothing", async () => {
    let calls = 0;
    await run(async () => {
      calls += 1;
      return [];
    });
    expect(calls).toBeLessThanOrEqual(3);
    expect((await box.counts()).waiting).toBe(5);
  });
});
