import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { Outbox, type Rating } from "./outbox";

let box: Outbox;
let number = 0;

function rating(more: Partial<Rating> = {}): Rating {
  number += 1;
  return { id: `id-${number}`, window_id: "w1", code: "5", reasons: [], device_time: `2026-11-22T10:00:${String(number).padStart(2, "0")}+08:00`, ...more };
}

beforeEach(async () => {
  number = 0;
  box = await Outbox.open(`test-${Math.random()}`);
});

describe("the terminal's memory", () => {
  it("keeps every tap until the server has named it", async () => {
    const [first, second, third] = [rating(), rating(), rating()];
    for (const one of [first, second, third]) await box.add(one);
    await box.settle([
      { id: first.id, status: "stored" },
      { id: second.id, status: "duplicate" },
      { id: "of another terminal", status: "stored" },
    ]);
    expect(await box.due(Date.now(), 10)).toEqual([third]);
    expect(await box.counts()).toMatchObject({ taken: 3, waiting: 1, refused: 0 });
  });

  it("sets refused taps aside with the reason and never sends them again", async () => {
    const one = rating();
    await box.add(one);
    await box.settle([{ id: one.id, status: "refused", code: "window_unknown" }]);
    expect(await box.due(Date.now(), 10)).toEqual([]);
    expect(await box.asides()).toEqual([{ ...one, why: "window_unknown" }]);
    expect(await box.counts()).toMatchObject({ taken: 1, waiting: 0, refused: 1 });
  });

  it("holds a bad rating back while its visitor may still say why", async () => {
    const one = rating({ code: "1" });
    await box.add(one, 5_000);
    expect(await box.due(4_999, 10)).toEqual([]);
    await box.hold(one.id, 9_000);
    expect(await box.due(5_000, 10)).toEqual([]);
    await box.release(one.id, ["slow"]);
    expect(await box.due(5_000, 10)).toEqual([{ ...one, reasons: ["slow"] }]);
  });

  it("sends a held rating without reasons once the visitor has walked away", async () => {
    const one = rating({ code: "2" });
    await box.add(one, 5_000);
    expect(await box.due(5_000, 10)).toEqual([one]);
  });

  it("gives the oldest first, and no more than asked for", async () => {
    for (const one of [rating(), rating(), rating()].reverse()) await box.add(one);
    expect((await box.due(Date.now(), 2)).map(({ id }) => id)).toEqual(["id-1", "id-2"]);
  });

  it("refuses the same id twice", async () => {
    const one = rating();
    await box.add(one);
    await expect(box.add(one)).rejects.toBeTruthy();
    expect((await box.counts()).taken).toBe(1);
  });
});
