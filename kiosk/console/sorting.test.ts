import { effectScope, nextTick, ref } from "vue";
import { describe, expect, it } from "vitest";
import { sorted, usePages } from "./sorting";

const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }];

describe("sorting", () => {
  it("puts numbers in their order and rows without one at the end, both ways", () => {
    expect(sorted(rows, (row) => row.n).map((row) => row.n)).toEqual([1, 2, 10, null]);
    expect(sorted(rows, (row) => row.n, { down: true }).map((row) => row.n)).toEqual([10, 2, 1, null]);
  });

  it("keeps the order of equal rows", () => {
    const equal = ["a", "b", "c"].map((name) => ({ name, n: 1 }));
    expect(sorted(equal, (row) => row.n, { down: true }).map((row) => row.name)).toEqual(["a", "b", "c"]);
  });

  it("leaves the rows it was given alone", () => {
    sorted(rows, (row) => row.n);
    expect(rows[0]).toEqual({ n: 2 });
  });
});

describe("pages", () => {
  it("shows forty rows and goes back to the first page with another list", async () => {
    const all = ref(Array.from({ length: 95 }, (_, at) => at));
    const scope = effectScope();
    const { page, pages, shown } = scope.run(() => usePages(() => all.value))!;
    page.value = 3;
    expect([pages.value, shown.value.length, shown.value[0]]).toEqual([3, 15, 80]);
    all.value = [1, 2];
    await nextTick();
    expect([page.value, pages.value, shown.value]).toEqual([1, 1, [1, 2]]);
    scope.stop();
  });
});
