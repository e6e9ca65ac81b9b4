/** Passkeys in this browser: the server's options in, the device's answer out, both as JSON. */

import { Problem, type Session, adopt, post } from "./api.ts";
import { type Word, t } from "./words.ts";

interface Named {
  id: string;
  type: "public-key";
}

interface CreationOptions {
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: PublicKeyCredentialParameters[];
  timeout: number;
  excludeCredentials: Named[];
  authenticatorSelection: AuthenticatorSelectionCriteria;
}

interface RequestOptions {
  challenge: string;
  timeout: number;
  rpId: string;
  allowCredentials: Named[];
  userVerification: UserVerificationRequirement;
}

interface Challenge<T> {
  challengeId: string;
  options: T;
}

export interface Added extends Session {
  recoveryCodes: string[];
}

export const supported = (): boolean => "PublicKeyCredential" in window && window.isSecureContext;

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export function textOf(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const withBytes = (known: Named[]): PublicKeyCredentialDescriptor[] =>
  known.map((one) => ({ ...one, id: bytesOf(one.id) }));

const failure = (word: Word, values: Record<string, string> = {}): Problem => new Problem(0, word, t(word, values));

/** A browser ties passkeys to a name; a page opened under another one (or a number) has none. */
function mustBeAt(site: string): void {
  const here = location.hostname;
  if (!supported()) throw failure("passkey.unsupported");
  if (here !== site && !here.endsWith(`.${site}`)) throw failure("passkey.elsewhere", { site });
}

async function asked<T extends Credential>(ceremony: Promise<Credential | null>): Promise<T> {
  const found = await ceremony.catch((error: unknown) => {
    const known = error instanceof DOMException && error.name === "InvalidStateError";
    throw failure(known ? "passkey.known" : "passkey.cancelled");
  });
  if (!found) throw failure("passkey.cancelled");
  return found as T;
}

async function answerTo({ challengeId, options }: Challenge<RequestOptions>): Promise<object> {
  mustBeAt(options.rpId);
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...options,
    challenge: bytesOf(options.challenge),
    allowCredentials: withBytes(options.allowCredentials),
  };
  const found = await asked<PublicKeyCredential>(navigator.credentials.get({ publicKey }));
  const said = found.response as AuthenticatorAssertionResponse;
  const response = {
    clientDataJSON: textOf(said.clientDataJSON),
    authenticatorData: textOf(said.authenticatorData),
    signature: textOf(said.signature),
    ...(said.userHandle?.byteLength ? { userHandle: textOf(said.userHandle) } : {}),
  };
  return { challengeId, credential: { id: found.id, rawId: found.id, type: found.type, response } };
}

export async function addPasskey(label: string): Promise<Added> {
  const { challengeId, options } = await post<Challenge<CreationOptions>>("/v1/me/passkey-challenges");
  mustBeAt(options.rp.id);
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const made = await asked<PublicKeyCredential>(navigator.credentials.create({ publicKey }));
  const said = made.response as AuthenticatorAttestationResponse;
  const response = {
    clientDataJSON: textOf(said.clientDataJSON),
    attestationObject: textOf(said.attestationObject),
  };
  const credential = { id: made.id, rawId: made.id, type: made.type, response };
  const added = await post<Added>("/v1/me/passkeys", { challengeId, label, credential });
  adopt(added);
  return added;
}

/** As the second factor of this session. */
export async function showPasskey(): Promise<void> {
  const challenge = await post<Challenge<RequestOptions>>("/v1/sessions/current/passkey-challenges");
  adopt(await post<Session>("/v1/sessions/current/passkey", await answerTo(challenge)));
}

/** What signs in in the place of login, password and code: for POST /v1/sessions/passkey. */
export async function signInAnswer(): Promise<object> {
  return answerTo(await post<Challenge<RequestOptions>>("/v1/passkey-challenges"));
}
