import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it } from "vitest";
import type { DeviceProfile } from "../parts/shapes";
import { GENESIS, hashOf } from "./chain";
import { makeKey } from "./key";
import { Outbox, type Device, type Rating } from "./outbox";

let box: Outbox;
let name = "";
let number = 0;

function rating(more: Partial<Rating> = {}): Rating {
  number += 1;
  const device_time = `2026-11-22T10:00:${String(number).padStart(2, "0")}+08:00`;
  return { id: `id-${number}`, window_id: "w1", code: "5", reasons: [], device_time, case: "", ...more };
}

async function device(id: string): Promise<Device> {
  return { token: "t", profile: { device_id: id } as DeviceProfile, key: await makeKey() };
}

async function waiting(now = Date.now()): Promise<string[]> {
  await box.seal(now);
  return ((await box.stretch(100))?.items ?? []).map(({ id }) => id);
}

beforeEach(async () => {
  number = 0;
  name = `test-${Math.random()}`;
  box = await Outbox.open(name);
  await box.become(await device("d1"));
});

describe("the terminal's memory", () => {
  it("keeps every tap until the server has named it", async () => {
    const all = [rating(), rating(), rating(), rating()];
    for (const one of all) await box.add(one);
    await box.settle([
      { id: "id-1", status: "stored" },
      { id: "id-2", status: "duplicate" },
      { id: "id-3", status: "aside" },
      { id: "of another terminal", status: "stored" },
    ]);
    expect(await waiting()).toEqual(["id-4"]);
    expect(await box.counts()).toMatchObject({ taken: 4, waiting: 1, refused: 0 });
  });

  it("sets refused taps aside with the reason and never sends them again", async () => {
    const one = rating();
    await box.add(one);
    await box.settle([{ id: one.id, status: "refused", code: "window_unknown" }]);
    expect(await waiting()).toEqual([]);
    expect(await box.asides()).toEqual([{ ...one, seq: 1, why: "window_unknown" }]);
    expect(await box.counts()).toMatchObject({ taken: 1, waiting: 0, refused: 1 });
  });

  it("numbers without gaps and chains in the order of the numbers", async () => {
    for (const one of [rating(), rating({ code: "1", reasons: ["slow"] }), rating()]) await box.add(one);
    await box.seal(0);
    const found = await box.stretch(2);
    expect(found?.items.map(({ seq }) => seq)).toEqual([1, 2]);
    const [first, second] = found?.items ?? [];
    if (!first || !second) throw new Error("two were asked for");
    expect(found?.last).toBe(hashOf("d1", hashOf("d1", GENESIS, first), second));
    await box.settle([{ id: "id-1", status: "stored" }, { id: "id-2", status: "stored" }]);
    expect(await box.stretch(5)).toMatchObject({ prev: found?.last, items: [{ seq: 3 }] });
  });

  it("holds a bad rating back while its visitor may still say why, and whatever came after it", async () => {
    await box.add(rating({ code: "1" }), 5_000);
    await box.add(rating());
    expect(await waiting(4_999)).toEqual([]);
    await box.hold("id-1", 9_000);
    expect(await waiting(5_000)).toEqual([]);
    await box.release("id-1", ["slow"]);
    expect(await waiting(5_000)).toEqual(["id-1", "id-2"]);
    // Chained: nothing about it changes any more.
    await box.release("id-1", ["rules"]);
    expect((await box.stretch(1))?.items[0]?.reasons).toEqual(["slow"]);
  });

  it("lets a held rating go once its visitor has walked away, and after a clock that jumped back by a day", async () => {
    await box.add(rating({ code: "2" }), 5_000);
    expect(await waiting(5_000)).toEqual(["id-1"]);
    await box.add(rating({ code: "2" }), 86_400_000 + 25_000);
    expect(await waiting(1_000)).toEqual(["id-1", "id-2"]);
  });

  it("refuses the same id twice", async () => {
    const one = rating();
    await box.add(one);
    await expect(box.add(one)).rejects.toBeTruthy();
    expect((await box.counts()).taken).toBe(1);
    await box.add(rating());
    await box.seal(0);
    expect((await box.stretch(9))?.items.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("chains what still waits anew when it is paired anew, and keeps its key", async () => {
    for (const one of [rating(), rating(), rating()]) await box.add(one);
    await box.seal(0);
    await box.settle([{ id: "id-2", status: "stored" }]);
    await box.become(await device("d2"));
    await box.add(rating());
    expect(await waiting()).toEqual(["id-1", "id-3", "id-4"]);
    const found = await box.stretch(9);
    expect([found?.prev, found?.items[0]?.seq]).toEqual([GENESIS, 1]);
    expect((await box.device())?.key?.sign.extractable).toBe(false);
  });

  it("takes over what an earlier program of ours kept", async () => {
    box.close();
    name = `old-${Math.random()}`;
    const old = await openDB(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("outbox", { keyPath: "id" });
        fresh.createObjectStore("aside", { keyPath: "id" });
        fresh.createObjectStore("facts");
      },
    });
    for (const one of [rating(), rating()].reverse()) {
      const { case: _, ...before } = one;
      await old.put("outbox", { ...before, hold_until: 0 });
    }
    await old.put("facts", { token: "t", profile: { device_id: "d0" } }, "device");
    await old.put("facts", 9, "taken");
    old.close();
    box = await Outbox.open(name);
    expect(await waiting()).toEqual(["id-1", "id-2"]);
    expect(await box.counts()).toMatchObject({ taken: 9, waiting: 2 });
  });

  it("keeps telephone numbers apart from ratings", async () => {
    await box.addCallback({ id: "c1", phone: "0395 123" });
    expect(await waiting()).toEqual([]);
    await box.dropCallback("c1");
    expect(await box.callbacks()).toEqual([]);
  });
});
