// The Graph client: a batch of requests that depend on each other, then a collection in pages.
import { ClientSecretCredential } from "@azure/identity";
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

const { URL: url, TENANT, CLIENT, SECRET, AZURE_AUTHORITY_HOST } = process.env;
const host = new URL(url).hostname;
const credential = new ClientSecretCredential(TENANT, CLIENT, SECRET, {
  authorityHost: AZURE_AUTHORITY_HOST,
  disableInstanceDiscovery: true,
});
const client = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [`https://${host}/.default`] }),
  baseUrl: `${url}/`,
  defaultVersion: "beta",
  customHosts: new Set([host]),
});

const json = { "Content-Type": "application/json" };
const name = `batch${Date.now()}`;
const steps = [
  {
    id: "1",
    request: new Request(`${url}/groups`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({
        displayName: "From a batch", mailEnabled: false, mailNickname: name, securityEnabled: true, groupTypes: [],
      }),
    }),
  },
  { id: "2", request: new Request(`${url}/groups?$filter=displayName eq 'From a batch'`, { method: "GET" }), dependsOn: ["1"] },
  { id: "3", request: new Request(`${url}/groups/00000000-0000-0000-0000-00000000dead`, { method: "GET" }), dependsOn: ["2"] },
  { id: "4", request: new Request(`${url}/organization`, { method: "GET" }), dependsOn: ["3"] },
];
const content = await new BatchRequestContent(steps).getContent();
const answers = new BatchResponseContent(await client.api("/$batch").post(content));
const found = await answers.getResponseById("2").json();

let users = 0;
const first = await client.api("/users").top(1).get();
await new PageIterator(client, first, () => {
  users += 1;
  return users < 5;
}).iterate();

console.log(JSON.stringify({
  created: answers.getResponseById("1").status,
  found: answers.getResponseById("2").status,
  name: found.value[0].displayName,
  missing: answers.getResponseById("3").status,
  dependent: answers.getResponseById("4").status,
  users,
}));
