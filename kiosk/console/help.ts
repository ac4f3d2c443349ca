import { computed, ref, shallowRef } from "vue";
import { useRoute } from "vue-router";
import { either } from "../parts/i18n";
import { t } from "./words";

type Helps = Readonly<Record<string, readonly [zh: string, en: string]>>;

/** The texts of all pages, fetched when the first question mark is pressed. */
const kept = shallowRef<Helps | null>(null);

/** The panel behind the question mark of the page that is shown. */
export function useHelp() {
  const route = useRoute();
  const open = ref(false);
  const lines = computed(() => {
    const pair = kept.value?.[String(route.name)];
    return pair ? either(pair[0], pair[1]).split("\n") : [t("help.none")];
  });
  async function flip(): Promise<void> {
    kept.value ??= (await import("./words/help")).helps;
    open.value = !open.value;
  }
  return { open, lines, flip };
}
