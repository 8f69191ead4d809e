// azure-identity for JavaScript: a token by secret.
import { ClientSecretCredential } from "@azure/identity";

const { URL: url, TENANT, CLIENT, SECRET } = process.env;
const credential = new ClientSecretCredential(TENANT, CLIENT, SECRET, {
  authorityHost: url,
  disableInstanceDiscovery: true,
});
const token = await credential.getToken("https://graph.microsoft.com/.default");
const answer = await fetch(`${url}/v1.0/organization`, { headers: { Authorization: `Bearer ${token.token}` } });
console.log(JSON.stringify({ organisation: (await answer.json()).value[0].displayName }));
