import { ref, watchEffect } from "vue";

/** The two languages of every page; Simplified Chinese is the first. */
export type Lang = "zh" | "en";
export type Values = Record<string, string | number>;

const KEPT_AS = "pingyi.lang";

function remembered(): Lang {
  try {
    return localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

export const lang = ref<Lang>(remembered());

/** Change the language; `remember: false` is for a terminal, whose next visitor is someone else. */
export function setLang(next: Lang, { remember = true }: { remember?: boolean } = {}): void {
  lang.value = next;
  if (!remember) return;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // Storage may be closed to us; the language then holds for this visit.
  }
}

/** Keep `<html lang>` true, for screen readers and for the choice of glyphs. */
export function followLang(root: { lang: string }): void {
  watchEffect(() => {
    root.lang = lang.value === "zh" ? "zh-CN" : "en";
  });
}

export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));
}

/** One of a pair that came over the wire; English falls back to Chinese, never to nothing. */
export function either(zh: string | null | undefined, en: string | null | undefined): string {
  return (lang.value === "en" ? en || zh : zh || en) ?? "";
}

export interface Translator<K extends string> {
  /** The sentence for a key, `{name}` filled from values. Reactive to the language. */
  (key: K, values?: Values): string;
  /** The word for something the server names (`state` + `open`); its own name when we have no word for it. */
  word(family: string, name: string): string;
}

export function translator<K extends string>(zh: Record<K, string>, en: Record<K, string>): Translator<K> {
  const book = (): Record<string, string> => (lang.value === "zh" ? zh : en);
  const say = ((key: K, values?: Values) => fill(book()[key] ?? key, values)) as Translator<K>;
  say.word = (family, name) => book()[`${family}.${name}`] ?? name;
  return say;
}
