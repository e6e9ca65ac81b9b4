/**
 * Calls to the API. The access token lives in this module's memory only; the refresh token is an
 * HttpOnly cookie that no script can read.
 */

import { language, t } from "./words.ts";

const SIGNED_IN = "guanbiao.signed-in"; // a hint that saves a pointless request, not a right
const EARLY = 30_000; // milliseconds before its end at which a token is renewed

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** What to correct, by the name of the field that was sent. */
  readonly fields: Record<string, string>;
  /** Seconds after which the server asks us to come again; null where it does not. */
  readonly again: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    fields: Record<string, string> = {},
    again: number | null = null,
  ) {
    super(message);
    this.again = again;
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

/** No answer from the server: the network is away, nothing is known to be lost. */
export class Offline extends Error {
  constructor() {
    super(t("error.offline"));
  }
}

export interface Session {
  accessToken: string;
  expiresIn: number;
  /** Roles that wait for a second factor; absent when none does. */
  rolesWaiting?: string[];
  /** What a demonstration account's authenticator shows now. */
  demonstrationCode?: string;
}

let token = "";
let expires = 0;
let renewal: Promise<boolean> | null = null;

export function adopt(session: Session): void {
  token = session.accessToken;
  expires = Date.now() + session.expiresIn * 1000 - EARLY;
  localStorage.setItem(SIGNED_IN, "1");
}

export function forget(): void {
  token = "";
  expires = 0;
  localStorage.removeItem(SIGNED_IN);
}

export const maybeSignedIn = (): boolean => localStorage.getItem(SIGNED_IN) !== null;

async function send(method: string, path: string, body: unknown, keepalive: boolean, besides: Record<string, string> = {}): Promise<Response> {
  const headers: Record<string, string> = { ...besides, "Accept-Language": language === "en" ? "en" : "zh-CN" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  const init: RequestInit = { method, headers, keepalive };
  if (body instanceof Blob) init.body = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(path, init);
  } catch {
    throw new Offline();
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const said = (await response.json()) as { code?: string; detail?: string; fields?: Record<string, string> };
    const after = response.headers.get("Retry-After");
    const again = after === null ? null : Number(after);
    return new Problem(response.status, said.code ?? "error", said.detail ?? t("error.unexpected"), said.fields, again);
  } catch {
    return new Problem(response.status, "error", t("error.unexpected"));
  }
}

async function renew(): Promise<boolean> {
  token = "";
  const response = await send("POST", "/v1/sessions/refresh", {}, true);
  if (response.ok) adopt((await response.json()) as Session);
  else if (response.status < 500) forget();
  return response.ok;
}

/** One renewal at a time, over all tabs: a refresh token works once, its reuse ends the session. */
export function refresh(): Promise<boolean> {
  renewal ??= Promise.resolve(
    navigator.locks ? navigator.locks.request("guanbiao.refresh", renew) : renew(),
  ).finally(() => (renewal = null));
  return renewal;
}

async function answer(method: string, path: string, body: unknown, keepalive: boolean, besides: Record<string, string> = {}): Promise<Response> {
  // No await before the first `send` with a fresh token: a closing page gets no second turn.
  if (Date.now() >= expires && maybeSignedIn()) await refresh();
  let response = await send(method, path, body, keepalive, besides);
  if (response.status === 401 && maybeSignedIn() && (await refresh()))
    response = await send(method, path, body, keepalive, besides);
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function call<T>(method: string, path: string, body?: unknown, keepalive = false): Promise<T> {
  const response = await answer(method, path, body, keepalive);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
/** With headers that the answer depends on. */
export async function getWith<T>(path: string, headers: Record<string, string>): Promise<T> {
  return (await (await answer("GET", path, undefined, false, headers)).json()) as T;
}

export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body);

export async function download(path: string): Promise<Blob> {
  return (await answer("GET", path, undefined, false)).blob();
}

/** Signs in, up or by recovery, whatever `path` does: the refresh token comes as a cookie. */
export async function openSession(path: string, body: object): Promise<Session> {
  const response = await send("POST", path, { ...body, cookie: true }, false);
  if (!response.ok) throw await problemOf(response);
  const answered = (await response.json()) as Session | { session: Session };
  const session = "session" in answered ? answered.session : answered;
  adopt(session);
  return session;
}

/** Shows the second factor: a code of the authenticator, or a recovery code. */
export async function showCode(code: string): Promise<void> {
  adopt(await post<Session>("/v1/sessions/current/second-factor", { code }));
}

export async function signOut(): Promise<void> {
  try {
    await call("DELETE", "/v1/sessions/current");
  } finally {
    forget();
  }
}

/** The present token, for a client that makes its own requests (resumable upload). */
export async function bearer(): Promise<string> {
  if (Date.now() >= expires) await refresh();
  return `Bearer ${token}`;
}
