/** The rows of a CSV as our server writes it (RFC 4180). */

export function rows(text: string): string[][] {
  const found: string[][] = [];
  let [row, cell, quoted] = [[] as string[], "", false];
  const clean = text.replace(/^\ufeff/, "");
  for (let at = 0; at < clean.length; at++) {
    const sign = clean[at] as string;
    if (quoted && sign === '"' && clean[at + 1] === '"') {
      cell += sign;
      at++;
    } else if (sign === '"') quoted = !quoted;
    else if (quoted || (sign !== "," && sign !== "\r" && sign !== "\n")) cell += sign;
    else if (sign !== "\r") {
      row.push(cell);
      cell = "";
      if (sign === "\n") {
        found.push(row);
        row = [];
      }
    }
  }
  if (cell || row.length) found.push([...row, cell]);
  return found;
}
