// A provider of OpenID Connect for the tests: `node provider.mjs PORT RETURN_URL`. Whoever types a login is that person.
import Provider from "oidc-provider";

const [port, returnUrl] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const client = (id) => ({
  client_id: id,
  client_secret: "provider-and-program-know-it",
  redirect_uris: [returnUrl],
  response_types: ["code"],
  grant_types: ["authorization_code"],
});
const provider = new Provider(issuer, {
  clients: [client("maplebridge"), client("another")],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
