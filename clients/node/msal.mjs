// MSAL for Node: a token by secret, and what a wrong secret says.
import { ConfidentialClientApplication } from "@azure/msal-node";

const { URL: url, TENANT, CLIENT, SECRET } = process.env;
const scopes = [`${url}/.default`];
const application = (clientSecret) =>
  new ConfidentialClientApplication({
    auth: {
      clientId: CLIENT,
      authority: `${url}/${TENANT}`,
      knownAuthorities: [new URL(url).host],
      clientSecret,
    },
  });

const token = await application(SECRET).acquireTokenByClientCredential({ scopes });
const answer = await fetch(`${url}/v1.0/organization`, {
  headers: { Authorization: `${token.tokenType} ${token.accessToken}` },
});
const organisation = (await answer.json()).value[0].displayName;

let wrong = "";
try {
  await application("not-the-secret").acquireTokenByClientCredential({ scopes });
} catch (error) {
  wrong = error.errorCode;
}
console.log(JSON.stringify({ type: token.tokenType, organisation, wrong }));
