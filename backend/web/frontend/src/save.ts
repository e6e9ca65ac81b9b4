/** A file from the API into the device's own folder. */

import { download } from "./api.ts";
import { el } from "./dom.ts";

/** Saves what the API answers under `name`. */
export async function save(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await download(path));
  const link = el("a", { href: url });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
