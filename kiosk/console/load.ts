import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from "vue";
import { asProblem, type Problem } from "../parts/problem";

export interface Loaded<T> {
  /** The newest answer; kept while a later one fails, dropped when the question changes. */
  data: ShallowRef<T | null>;
  problem: ShallowRef<Problem | null>;
  busy: Ref<boolean>;
  /** When the newest answer came. */
  at: ShallowRef<Date | null>;
  load: () => Promise<void>;
}

/**
 * Load once, and again whenever `question` changes. An answer to an earlier question that
 * comes late is thrown away.
 */
export function useLoad<T>(fetch: () => Promise<T>, question?: WatchSource): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const busy = ref(false);
  const at = shallowRef<Date | null>(null);
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const found = await fetch();
      if (mine !== turn) return;
      data.value = found;
      problem.value = null;
      at.value = new Date();
    } catch (thrown) {
      if (mine === turn) problem.value = asProblem(thrown);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  if (question) {
    watch(question, () => {
      data.value = null;
      problem.value = null;
      void load();
    });
  }
  onScopeDispose(() => (turn += 1));
  void load();
  return { data, problem, busy, at, load };
}

/** Ask every `seconds` while somebody looks; a hidden tab asks nothing, and asks at once when it is seen again. */
export function useRefresh(load: () => Promise<void>, seconds: () => number): void {
  let timer = 0;
  let over = false;
  const later = (): void => {
    clearTimeout(timer);
    if (!over) timer = window.setTimeout(() => void turn(), seconds() * 1000);
  };
  async function turn(): Promise<void> {
    if (!document.hidden) await load();
    later();
  }
  const seen = (): void => {
    if (!document.hidden) void turn();
  };
  document.addEventListener("visibilitychange", seen);
  // What has just begun is looked at sooner than the wait that was set before it.
  watch(seconds, later);
  onScopeDispose(() => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  });
  later();
}
