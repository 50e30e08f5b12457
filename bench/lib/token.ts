import { createHmac } from 'node:crypto';

/** Who issues the tokens of the benchmark, for whom, and with which secret; `gateway.yaml` of the server with policies says the same. */
export const issuer = {
  iss: 'https://issuer.bench',
  aud: 'bench',
  secret: 'a-secret-of-the-benchmark-of-32-bytes-or-more',
};

const lifetimeSeconds = 86_400;

/** A JWT (RFC 7519, HS256) of one caller with the role and scope that the policies ask for. */
export function signToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const { iss, aud, secret } = issuer;
  const claims = {
    iss,
    aud,
    sub: 'caller',
    roles: ['reader'],
    scope: 'posts:read',
    iat: now,
    exp: now + lifetimeSeconds,
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(encode).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
