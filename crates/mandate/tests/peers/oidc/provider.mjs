// An OpenID Connect provider on loopback, as `oidc-provider` makes it, with the pages that it brings for developers.
//
//   node provider.mjs FOLDER-WITH-NODE_MODULES REDIRECT-ADDRESS
//
// Prints its issuer as a line of JSON once it takes connections. `PUT /control/accounts/SUB` says what the claims of an
// account are from now on. Clients: `mandate` and `posting` with the secret `a secret: with/signs`, `public` without one;
// `mandate` gets claims in the ID token, the others have to ask for them. ID tokens are signed with RS256, PS256 and ES256.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, redirect] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/`));
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const key = (kind, options, more) => {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', ...more };
};
const accounts = new Map();
const client = (id, more) => ({
  client_id: id,
  client_secret: 'a secret: with/signs',
  redirect_uris: [redirect],
  response_types: ['code'],
  grant_types: ['authorization_code'],
  post_logout_redirect_uris: ['https://mdm.contoso.com/'],
  ...more,
});

const settings = {
  clients: [
    client('mandate', { token_endpoint_auth_method: 'client_secret_basic' }),
    client('posting', {
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'PS256',
    }),
    client('public', {
      client_secret: undefined,
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    }),
  ],
  claims: {
    openid: ['sub'],
    profile: ['preferred_username', 'name', 'given_name', 'family_name', 'groups'],
    email: ['email', 'email_verified'],
  },
  conformIdTokenClaims: process.env.CLAIMS_BY_USERINFO === '1',
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, ...(accounts.get(sub) ?? {}) }),
  }),
  jwks: {
    keys: [
      key('rsa', { modulusLength: 2048 }, { kid: 'rsa' }),
      key('ec', { namedCurve: 'P-256' }, { kid: 'ec', alg: 'ES256' }),
    ],
  },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
};

let handle;
const server = createServer((request, response) => {
  const account = request.url.match(/^\/control\/accounts\/(.+)$/);
  if (request.method !== 'PUT' || !account) return handle(request, response);
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    accounts.set(decodeURIComponent(account[1]), JSON.parse(Buffer.concat(parts).toString()));
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handle = new Provider(issuer, settings).callback();
  console.log(JSON.stringify({ issuer }));
});
process.stdin.on('end', () => process.exit(0)).resume();
