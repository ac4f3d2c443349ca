import { effectScope, nextTick, ref } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../parts/problem";
import { useLoad, useRefresh } from "./load";

const scope = effectScope();
const inScope = <T>(make: () => T): T => scope.run(make)!;

describe("loading", () => {
  it("throws away an answer to an earlier question that comes late", async () => {
    const question = ref("first");
    const answers: Record<string, (text: string) => void> = {};
    const loaded = inScope(() => useLoad(() => new Promise<string>((done) => (answers[question.value] = done)), question));
    question.value = "second";
    await nextTick();
    answers.second?.("new");
    answers.first?.("old");
    await vi.waitFor(() => expect(loaded.data.value).toBe("new"));
    expect(loaded.busy.value).toBe(false);
  });

  it("keeps what it has while a later answer fails, and says so", async () => {
    let fail = false;
    const loaded = inScope(() => useLoad(async () => (fail ? Promise.reject(new TypeError("offline")) : 1)));
    await vi.waitFor(() => expect(loaded.data.value).toBe(1));
    fail = true;
    await loaded.load();
    expect(loaded.data.value).toBe(1);
    expect(loaded.problem.value).toBeInstanceOf(Problem);
    fail = false;
    await loaded.load();
    expect(loaded.problem.value).toBeNull();
  });
});

describe("refreshing", () => {
  const page = { hidden: false, addEventListener: vi.fn(), removeEventListener: vi.fn() };
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", page);
    vi.stubGlobal("window", globalThis);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("asks again and again, not while nobody looks, and sooner once the pace changes", async () => {
    const pace = ref(10);
    const load = vi.fn(() => Promise.resolve());
    const own = effectScope();
    own.run(() => useRefresh(load, () => pace.value));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(load).toHaveBeenCalledTimes(1);
    pace.value = 1;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(load).toHaveBeenCalledTimes(3);
    page.hidden = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(load).toHaveBeenCalledTimes(3);
    own.stop();
    page.hidden = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(load).toHaveBeenCalledTimes(3);
  });
});
