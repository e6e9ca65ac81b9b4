/** Whether the server will read a number in what was typed; how it does so is `courses/items/wording.py`. */

const NUMBER = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:e[+-]?\d{1,2})?(?<unit>.*)$/is;

/** Digits of every width, any dash for a minus; a unit behind it only where units are asked for. */
export function isNumber(typed: string, withUnit: boolean): boolean {
  if (/\p{Nd}\s*\p{No}/u.test(typed)) return false; // 5² is not 52
  const narrow = typed.normalize("NFKC").replace(/[\s\p{Cf}]/gu, "").replace(/[‐‑‒–—―−─]/g, "-").replaceAll("。", ".");
  const unit = NUMBER.exec(narrow)?.groups?.["unit"];
  return unit !== undefined && !/^[,.\d]/.test(unit) && (withUnit || !unit);
}

/** With a minus in front, or without it: some keypads of digits have none. */
export function turned(typed: string): string {
  const rest = typed.trimStart();
  return /^[-‐‑‒–—―−─－]/.test(rest) ? rest.slice(1) : `-${rest}`;
}
