// @sd-jwt/core on SD-JWTs of ours: JSON lines `{jwk, sdJwt}` in, claims or a refusal out.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { SDJwtInstance } = createRequire(process.argv[2])("@sd-jwt/core");

for await (const line of createInterface({ input: process.stdin })) {
  const { jwk, sdJwt } = JSON.parse(line);
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const reader = new SDJwtInstance({
    hasher: (text) => new Uint8Array(createHash("sha256").update(text).digest()),
    verifier: (text, signature) =>
      verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")),
  });
  try {
    const { payload, header } = await reader.verify(sdJwt, { skewSeconds: Infinity }); // no clocks here
    console.log(JSON.stringify({ payload, header, keys: (await reader.keys(sdJwt)).sort() }));
  } catch (error) {
    console.log(JSON.stringify({ refused: String(error) }));
  }
}
