/** A gateway in process that answers who asks. */
import type { TlsMaterial } from '../../gateway/config/tls-files.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { createFakeClock, type FakeClock } from '../kit/clock.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

export type Whoami = {
  readonly app: KitApp;
  readonly clock: FakeClock;
  /** Asks with these headers: the principal, or status and challenge of a refusal. */
  who(headers?: Readonly<Record<string, string>>): Promise<Told>;
};

export type Told = {
  readonly status: number;
  /** Code of the error; undefined where there is none. */
  readonly code?: unknown;
  readonly message?: string | undefined;
  readonly challenge?: string | null;
  readonly principal?: Readonly<Record<string, unknown>>;
};

/** @param identity what gateway.yaml would hold there; @param settings the rest of it */
export function openWhoami(
  identity: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>> = {},
  { clock = createFakeClock(), tls }: { clock?: FakeClock; tls?: TlsMaterial | undefined } = {},
): Whoami {
  const schema = makeSchema('type Query { me: String peer: String }', {
    Query: {
      me: (_parent, _args, { principal }) => JSON.stringify(principal),
      peer: (_parent, _args, { peer }) => JSON.stringify(peer),
    },
  });
  const app = startApp(
    makeSupply(makeGeneration('g', schema)),
    { identity, ...settings },
    clock.now,
    tls && { tlsMaterial: tls },
  );
  return {
    app,
    clock,
    async who(headers = {}) {
      const { status, body, headers: answered } = await app.query('{ me }', { headers });
      const [error] = body.errors ?? [];
      if (error) {
        const { message, extensions } = error;
        return { status, code: extensions['code'], message, challenge: answered.get('www-authenticate') };
      }
      const { me } = body.data as { me: string };
      return { status, principal: JSON.parse(me) as Record<string, unknown> };
    },
  };
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
