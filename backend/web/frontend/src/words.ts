/** Every text a script shows, from the catalogue the pages share (`backend/web/words.json`). */

import catalogue from "../../words.json" with { type: "json" };

export type Word = keyof typeof catalogue;
export type Language = "zh" | "en";

export const language: Language =
  typeof document !== "undefined" && document.documentElement.lang.startsWith("en") ? "en" : "zh";

/** `{name}` in a text is replaced by `values.name`. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  return catalogue[word][language].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(values[name] ?? ""),
  );
}

export function bilingual(text: { zh: string; en: string }): string {
  return text[language];
}
