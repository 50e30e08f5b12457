/** An issuer of tokens as tests need one: keys that change, a server that publishes them and counts, and tokens of every bad sort. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'gateway';

export type Key = { readonly kid: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export function makeKey(kid: string): Key {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

/** A token that is good at `nowMs` for ten minutes, but for what is said otherwise; undefined takes a claim away. */
export function signToken(
  { kid, privateKey }: Pick<Key, 'kid' | 'privateKey'>,
  nowMs: number,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(nowMs / 1000);
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: now, exp: now + 600, ...claims };
  const payload = JSON.parse(JSON.stringify(all)) as JWTPayload;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid, ...header } as JWTHeaderParameters)
    .sign(privateKey);
}

/** A token put together by hand: whatever header, signed with an HMAC or not at all. */
export function forgeToken(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  secret?: string,
): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${secret === undefined ? '' : createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export type Authority = {
  readonly url: string;
  /** Requests so far, with what came in their bodies. */
  readonly asked: { readonly path: string; readonly body: string; readonly authorization: string | undefined }[];
  /** What is answered from now on: a status and JSON, or nothing at all. */
  answer: (
    path: string,
    body: string,
  ) => { status: number; body: unknown; location?: string } | undefined | Promise<never>;
  publish(...keys: readonly Key[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts a server on a free port of the loopback address. */
export async function startAuthority(): Promise<Authority> {
  const asked: Authority['asked'] = [];
  const authority: Authority = {
    url: '',
    asked,
    answer: () => ({ status: 404, body: {} }),
    async publish(...keys) {
      const jwks = await Promise.all(
        keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' })),
      );
      authority.answer = () => ({ status: 200, body: { keys: jwks } });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => void reply(authority, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(authority, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function reply(authority: Authority, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const path = request.url ?? '';
  authority.asked.push({ path, body, authorization: request.headers.authorization });
  const answer = await authority.answer(path, body);
  if (answer === undefined) return void response.destroy();
  const location = answer.location === undefined ? {} : { location: answer.location };
  response.writeHead(answer.status, { 'content-type': 'application/json', ...location });
  response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
}
