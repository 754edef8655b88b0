/**
 * A real OpenID provider in FranceConnect's shape, for tests: `oidc-provider`, with levels (acr) eidas1 to eidas3, the
 * userinfo as a signed token, and a login page of its own. Its people are invented. Takes one JSON argument:
 * {clients: [...], port}; prints one JSON line when it listens; ends with its standard input.
 */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import process from "node:process";
import { URLSearchParams } from "node:url";
import Provider from "oidc-provider";

const { clients, port } = JSON.parse(process.argv[2]);

const born = { gender: "female", birthplace: "76540", birthcountry: "99100" };
const PEOPLE = {
  camille: { acr: "eidas2", given_name: "Camille Inès", family_name: "ROUSSEL", birthdate: "1988-02-03", ...born },
  basile: { acr: "eidas3", given_name: "Basile", family_name: "QUENTIN", birthdate: "1975-07-30", ...born },
  faible: { acr: "eidas1", given_name: "Ondine", family_name: "LEROY", birthdate: "1990-05-01", ...born },
  presume: { acr: "eidas2", given_name: "Anselme", family_name: "HAMEL", birthdate: "1951-00-00", ...born },
  enfant: { acr: "eidas2", given_name: "Lise", family_name: "HAMEL", birthdate: "2019-04-12", ...born },
};
const claims = (names) => Object.fromEntries(names.map((name) => [name, [name]]));

/** What the provider remembers, kept here so that it survives a change of its keys. */
const stored = new Map();
const byUid = new Map();
const byUserCode = new Map();
class Memory {
  constructor(model) {
    this.model = model;
  }
  #key(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload) {
    stored.set(this.#key(id), payload);
    if (payload.uid) byUid.set(payload.uid, id);
    if (payload.userCode) byUserCode.set(payload.userCode, id);
  }
  async find(id) {
    return stored.get(this.#key(id));
  }
  async findByUid(uid) {
    return this.find(byUid.get(uid));
  }
  async findByUserCode(code) {
    return this.find(byUserCode.get(code));
  }
  async consume(id) {
    stored.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    stored.delete(this.#key(id));
  }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
  }
}

function newKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "ES256", use: "sig" };
}

function make(issuer) {
  const provider = new Provider(issuer, {
    adapter: Memory,
    clients,
    jwks: { keys: [newKey()] },
    acrValues: ["eidas1", "eidas2", "eidas3"],
    claims: {
      openid: ["sub"],
      acr: null,
      ...claims(["given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry"]),
    },
    scopes: ["openid", "given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry"],
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      userinfoSigningAlgValues: ["ES256"],
      idTokenEncryptionAlgValues: ["ECDH-ES"],
      userinfoEncryptionAlgValues: ["ECDH-ES"],
    },
    features: {
      devInteractions: { enabled: false },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
      userinfo: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    cookies: { keys: [randomUUID()] },
    pkce: { required: () => true },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ ...PEOPLE[id], acr: undefined, sub: id }) }),
    async loadExistingGrant(ctx) {
      const { client, session, params } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      grant.addOIDCClaims(["acr"]);
      await grant.save();
      return grant;
    },
  });
  return provider;
}

const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const page = (uid) => `<!doctype html><html lang="fr"><title>Identité de démonstration</title>
<h1>Identité de démonstration</h1><form method="post" action="/interaction/${escape(uid)}">
<label>Compte <input name="account" autofocus></label><button name="act" value="go">Continuer</button>
<button name="act" value="deny">Refuser</button></form></html>`;

async function body(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return new URLSearchParams(text);
}

async function interact(provider, request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    return response.end(page(uid));
  }
  const form = await body(request);
  const account = form.get("account") ?? "";
  const isDenied = form.get("act") === "deny" || !PEOPLE[account];
  const result = isDenied
    ? { error: "access_denied", error_description: "User auth aborted" }
    : { login: { accountId: account, acr: PEOPLE[account].acr, remember: false } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

let provider;
const server = createServer((request, response) => {
  const failed = (error) => response.writeHead(500).end(String(error));
  if (request.url === "/_rotate") {
    provider = make(provider.issuer);
    return response.writeHead(204).end();
  }
  if (request.url.startsWith("/interaction/")) return interact(provider, request, response).catch(failed);
  return provider.callback()(request, response);
});
server.listen(port, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = make(issuer);
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});
process.stdin.resume().on("end", () => process.exit(0));
