// Two real OpenID providers on loopback. One line on standard output says where:
// {"issuers": [url, url], "control": url}. Ends when standard input does.
// POST <control>/rotate gives the first one a new signing key beside the old one.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [modules, publicUrl, host] = process.argv.slice(2);
const at = pathToFileURL(`${modules}/node_modules/oidc-provider/lib/index.js`);
const { default: Provider } = await import(at);

let made = 0;
function key() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: `key-${++made}`, use: "sig", alg: "RS256" };
}

const client = (id, name) => ({
  client_id: id,
  client_secret: `the secret of ${id} & more`,
  redirect_uris: [`${publicUrl}/v1/federation/${name}/callback`],
});

function provider(issuer, keys, name) {
  return new Provider(issuer, {
    clients: [client("guanbiao", name), client("another-client", name)],
    jwks: { keys },
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub", "acr", "amr"], profile: ["name"], email: ["email", "email_verified"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `职工 ${id}`, email: `${id}@example.org`, email_verified: true }),
    }),
  });
}

const listening = (server) =>
  new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://${host}:${server.address().port}`)));

async function serve(name) {
  let answer;
  const issuer = await listening(createServer((request, response) => answer(request, response)));
  const keys = [key()];
  const renew = () => (answer = provider(issuer, keys, name).callback());
  renew();
  return { issuer, rotate: () => (keys.unshift(key()), renew()) };
}

const served = [await serve("ministry"), await serve("works")];
const control = await listening(
  createServer((request, response) => {
    if (request.url === "/rotate") served[0].rotate();
    response.end();
  }),
);
console.log(JSON.stringify({ issuers: served.map((each) => each.issuer), control }));
process.stdin.on("close", () => process.exit()).resume();
