/** One field for both ways of signing in: what was typed decides which it is. */

export function loginOf(typed: string): { phone: string } | { email: string } {
  const text = typed.normalize("NFKC").trim(); // a Chinese keyboard's full-width ＠ and digits
  return /^\+?[\d\s-]+$/.test(text) ? { phone: text } : { email: text };
}

/** Some of the server's hints say both languages, “中文 / English”: this reader's part. */
export function inLanguage(said: string, language: "zh" | "en"): string {
  const [zh = said, en = zh] = said.split(" / ");
  return language === "en" ? en : zh;
}
