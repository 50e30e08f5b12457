/** Who may ask what: every way around a rule that somebody has found in a gateway like this one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../kit/app.ts';
import { queryOverSocket } from '../kit/socket.ts';
import { ARGUMENT_CASES } from './argument-cases.ts';
import { AUTHORIZATION_CASES } from './authorization-cases.ts';
import { namesOf, openVault, type VaultGateway } from './vault.ts';

/** What is denied by its path, and everything else that went wrong by its code. */
function deniedIn({ errors }: Answer['body']): string[] {
  return (errors ?? [])
    .map(({ path, extensions: { code } }) => (code === 'FORBIDDEN' ? (path ?? []).join('.') : `${path}: ${code}`))
    .sort();
}

describe.each(['compiled', 'reference'])('an operation, by the %s engine', (engine) => {
  let vault: VaultGateway;
  let url = '';
  beforeAll(async () => {
    vault = openVault({ execution: { compileAfter: 0, engine } });
    url = `${(await vault.app.listen()).url}/graphql`;
  });
  afterAll(() => vault.app[Symbol.asyncDispose]());

  it.each([...AUTHORIZATION_CASES, ...ARGUMENT_CASES])(
    '$title',
    async ({ who, query, variables, data, denied, calls }) => {
      // Twice: plans and decisions are remembered.
      for (const turn of [1, 2]) {
        const { status, body } = await vault.ask(who, query, { ...(variables && { variables }) });
        expect({ turn, status, data: body.data, denied: deniedIn(body), calls: namesOf(vault.calls) }).toEqual({
          turn,
          status: 200,
          data,
          denied,
          calls,
        });
      }
    },
  );

  it.each([...AUTHORIZATION_CASES, ...ARGUMENT_CASES])(
    'over WebSocket: $title',
    async ({ who, query, variables, data, denied, calls }) => {
      vault.calls.length = 0;
      const body = await queryOverSocket(url, query, { ...(variables && { variables }), headers: vault.proofOf(who) });
      expect({ data: body.data, denied: deniedIn(body), calls: namesOf(vault.calls) }).toEqual({ data, denied, calls });
    },
  );
});
