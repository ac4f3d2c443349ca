import { ref } from "vue";

export type Theme = "light" | "dark";

const KEPT_AS = "pingyi.theme";

const isTheme = (text: string | null): text is Theme => text === "light" || text === "dark";

function remembered(): Theme | null {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return isTheme(kept) ? kept : null;
  } catch {
    return null;
  }
}

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const asked = ref<Theme | null>(remembered());
const machine = ref<Theme>(prefersDark.matches ? "dark" : "light");

/** What the page shows now: the person's choice, else what the machine prefers. */
export const theme = (): Theme => asked.value ?? machine.value;

function show(): void {
  if (asked.value) document.documentElement.dataset.theme = asked.value;
  else delete document.documentElement.dataset.theme;
}

/** Follow the machine until somebody chooses; the choice is kept in this browser. */
export function followTheme(): void {
  show();
  prefersDark.addEventListener("change", () => (machine.value = prefersDark.matches ? "dark" : "light"));
}

export function turnTheme(): void {
  asked.value = theme() === "dark" ? "light" : "dark";
  show();
  try {
    localStorage.setItem(KEPT_AS, asked.value);
  } catch {
    // Storage may be closed to us; the choice then holds until the page is loaded anew.
  }
}
