import { computed, ref, watchEffect } from "vue";
import { lang } from "../parts/i18n";
import { t } from "./words";

/** What the live region reads out: acts that were done, never numbers that tick. */
export const spoken = ref("");

export function say(sentence: string): void {
  // Emptied first, so that the same sentence twice is read twice.
  spoken.value = "";
  window.setTimeout(() => (spoken.value = sentence), 50);
}

/** Keep the title of the window in step with the page and its language. */
export function useTitle(page: () => string): void {
  watchEffect(() => {
    document.title = `${page()} · ${t("product")}`;
  });
}

/** The `lang` of what exists in Chinese only (names of units, areas, people), for an English page. */
export const zhOnly = computed(() => (lang.value === "en" ? "zh-CN" : undefined));
