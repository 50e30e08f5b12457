import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { issuer, signToken } from '../../bench/lib/token.ts';
import { readText } from '../repository.ts';

test('the token is one that the server with policies takes: its issuer, audience, secret and scope', async () => {
  const file = parse(readText('bench/peers/tributary/gateway.policies.yaml')) as { identity: { jwt: unknown[] } };
  expect(file.identity.jwt).toEqual([{ issuer: issuer.iss, audience: [issuer.aud], secret: issuer.secret }]);
  const key = new TextEncoder().encode(issuer.secret);
  const { payload } = await jwtVerify(signToken(), key, { issuer: issuer.iss, audience: issuer.aud });
  expect(payload).toMatchObject({ scope: 'posts:read', sub: 'caller' });
});
