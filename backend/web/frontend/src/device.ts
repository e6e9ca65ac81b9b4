import { uuid7 } from "./outbox.ts";

/** This browser, for as long as its storage lasts. */
export function deviceId(): string {
  const kept = localStorage.getItem("guanbiao.device") ?? uuid7();
  localStorage.setItem("guanbiao.device", kept);
  return kept;
}
