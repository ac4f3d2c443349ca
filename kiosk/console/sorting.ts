import { computed, ref, watch, type ComputedRef, type Ref } from "vue";
import { useRoute, useRouter } from "vue-router";

export interface Sorting<K extends string> {
  by: K;
  down: boolean;
}

type Value = string | number | null;

/** Sort by one value; rows without a value stand at the end either way, equal ones keep their order. */
export function sorted<T>(rows: readonly T[], value: (row: T) => Value, { down = false } = {}): T[] {
  const words = new Intl.Collator("zh-CN");
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === "number" && typeof y === "number" ? x - y : words.compare(String(x), String(y));
    return down ? -order : order;
  });
}

/** One word of the address's query, so that a filtered list can be sent to a colleague. */
export function useQuery(name: string, otherwise = ""): Ref<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => (typeof route.query[name] === "string" ? route.query[name] : otherwise),
    set: (value) => {
      const query = { ...route.query, [name]: value && value !== otherwise ? value : undefined };
      void router.replace({ query });
    },
  });
}

/** How a table is sorted, kept in the address as `sort=score` or `sort=-score`. */
export function useSorting<K extends string>(names: readonly K[], otherwise: K, downFirst: readonly K[] = []) {
  const kept = useQuery("sort", otherwise);
  const sorting = computed<Sorting<K>>(() => {
    const down = kept.value.startsWith("-");
    const by = kept.value.slice(Number(down)) as K;
    return names.includes(by) ? { by, down } : { by: otherwise, down: false };
  });
  const sort = (name: K): void => {
    const down = sorting.value.by === name ? !sorting.value.down : downFirst.includes(name);
    kept.value = (down ? "-" : "") + name;
  };
  return { sorting, sort };
}

const A_PAGE = 40;

export interface Pages<T> {
  page: Ref<number>;
  pages: ComputedRef<number>;
  shown: ComputedRef<T[]>;
}

/** Forty rows a page; back to the first page when the list becomes another. */
export function usePages<T>(rows: () => readonly T[], restart: () => unknown = () => rows().length): Pages<T> {
  const page = ref(1);
  const pages = computed(() => Math.max(1, Math.ceil(rows().length / A_PAGE)));
  watch(restart, () => (page.value = 1));
  const shown = computed(() => rows().slice((page.value - 1) * A_PAGE, page.value * A_PAGE));
  return { page, pages, shown };
}
