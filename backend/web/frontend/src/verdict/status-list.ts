/** W3C Bitstring Status List: one bit a record, the first bit is the highest of the first byte. */

import { type Bytes, fromBase64Url, textLength } from "./bytes.ts";
import { STATUS_CONTEXT } from "./credential.ts";
import { gunzip } from "./inflate.ts";
import { parseJson } from "./json.ts";
import { moment, written } from "./moment.ts";
import { Refused } from "./refusal.ts";
import { list, type Shape, strict, text, whole } from "./shape.ts";

const LIST_BYTES = 131_072 / 8;
const TTL_SECONDS = 300n;

export const PURPOSES = ["revocation", "suspension", "refresh"] as const;
export type Purpose = (typeof PURPOSES)[number];

const SUBJECT = { id: text, type: text, statusPurpose: text, encodedList: text, ttl: whole };
const CLAIMS = {
  "@context": list(text),
  id: text,
  type: list(text),
  issuer: text,
  validFrom: text,
  validUntil: text,
  credentialSubject: strict(SUBJECT),
  iss: text,
  jti: text,
  nbf: whole,
  exp: whole,
};
const claimsOf = strict(CLAIMS);

export interface Place {
  issuer: string;
  /** The list's own. */
  address: string;
  purpose: Purpose;
}

/** The claims, when they are a list of this purpose at this address by this issuer. */
export function parseStatus(payload: Bytes, place: Place): Shape<typeof CLAIMS> {
  let claims: Shape<typeof CLAIMS>;
  try {
    claims = claimsOf(parseJson(payload));
  } catch {
    throw new Refused("not a status list");
  }
  if (told(claims) !== told(expected(place, claims.nbf, claims.credentialSubject.encodedList)))
    throw new Refused("status list of another purpose, address or issuer");
  return claims;
}

const told = (claims: Shape<typeof CLAIMS>): string =>
  JSON.stringify(Object.entries(claims).sort(), (_, value: unknown) =>
    typeof value === "bigint"
      ? String(value)
      : value instanceof Object && !Array.isArray(value)
        ? Object.entries(value).sort()
        : value,
  );

function expected(place: Place, signedAt: bigint, encodedList: string): Shape<typeof CLAIMS> {
  const until = signedAt + TTL_SECONDS;
  return {
    "@context": [STATUS_CONTEXT],
    id: place.address,
    type: ["VerifiableCredential", "BitstringStatusListCredential"],
    issuer: place.issuer,
    validFrom: written(moment(signedAt)),
    validUntil: written(moment(until)),
    credentialSubject: {
      id: `${place.address}#list`,
      type: "BitstringStatusList",
      statusPurpose: place.purpose,
      encodedList,
      ttl: TTL_SECONDS * 1000n,
    },
    iss: place.issuer,
    jti: place.address,
    nbf: signedAt,
    exp: until,
  };
}

export class Bits {
  private readonly content: Bytes;

  constructor(encoded: string) {
    if (!encoded.startsWith("u") || textLength(encoded) > 4 * LIST_BYTES)
      throw new Refused("status list in a foreign encoding");
    const packed = fromBase64Url(encoded.slice(1));
    try {
      this.content = gunzip(packed, LIST_BYTES);
    } catch {
      throw new Refused("status list that is not gzip of the right length");
    }
    if (this.content.length !== LIST_BYTES)
      throw new Refused("status list that is not gzip of the right length");
  }

  at(index: number): boolean {
    const byte = this.content[index >> 3];
    if (byte === undefined) throw new Refused("status index outside the list");
    return (byte & (0x80 >> (index & 7))) !== 0;
  }
}
