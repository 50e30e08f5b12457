/** Who may ask what, again from a warm cache: every case is asked by who may see everything first, so that its answer is there to be given. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../kit/app.ts';
import { queryOverSocket } from '../kit/socket.ts';
import { ARGUMENT_CASES } from './argument-cases.ts';
import { AUTHORIZATION_CASES, type AuthorizationCase } from './authorization-cases.ts';
import { KEYS, namesOf, openVault, VAULT, type VaultGateway } from './vault.ts';

const CASES = [...AUTHORIZATION_CASES, ...ARGUMENT_CASES].filter(({ query }) => !query.startsWith('mutation'));

/** The vault with an age on every field of Query. */
const CACHED_VAULT = VAULT.replace(/type Query \{[^}]*\}/, (query) =>
  query.replace(/@(httpOperation|graphqlField)\([^)]*\)/g, '$& @cacheControl(maxAge: 60)'),
);

/** Somebody of whom nothing is required that they do not have. */
const everything = {
  roles: ['admin', 'support'],
  scopes: [...new Set(['parcels:all', ...Object.values(KEYS).flatMap(({ scopes }) => scopes as string[])])],
  claims: { orders: 'o1' },
  tenant: 'acme',
};

let vault: VaultGateway;
let url = '';
beforeAll(async () => {
  vault = openVault({}, CACHED_VAULT, { ...KEYS, everything });
  url = `${(await vault.app.listen()).url}/graphql`;
});
afterAll(() => vault.app[Symbol.asyncDispose]());

const outcomeOf = ({ headers }: Answer): string | undefined => headers.get('x-cache')?.split(';')[0];

function deniedIn({ errors }: Answer['body']): string[] {
  return (errors ?? [])
    .map(({ path, extensions: { code } }) => (code === 'FORBIDDEN' ? (path ?? []).join('.') : `${path}: ${code}`))
    .sort();
}

async function askAs(who: string | undefined, { query, variables }: AuthorizationCase): Promise<Answer> {
  return await vault.ask(who, query, { ...(variables && { variables }) });
}

describe('an operation that somebody else was answered', () => {
  it.each(CASES)('$title', async (each) => {
    const warm = await askAs('everything', each);
    for (const turn of [1, 2]) {
      const { body, headers } = await askAs(each.who, each);
      const isNew = outcomeOf({ headers } as Answer) !== 'HIT';
      expect({ turn, data: body.data, denied: deniedIn(body) }).toEqual({ turn, data: each.data, denied: each.denied });
      if (each.denied.length > 0) expect([turn, isNew]).toEqual([turn, true]);
      expect([turn, namesOf(vault.calls)]).toEqual([turn, isNew ? each.calls : []]);
    }
    // What somebody was denied took nothing from who was not.
    expect((await askAs('everything', each)).body).toEqual(warm.body);
  });

  it.each(CASES)('over WebSocket: $title', async (each) => {
    await askAs('everything', each);
    const { query, variables, data, denied } = each;
    const more = { ...(variables && { variables }), headers: vault.proofOf(each.who) };
    const body = await queryOverSocket(url, query, more);
    expect({ data: body.data, denied: deniedIn(body) }).toEqual({ data, denied });
  });

  it('was there to be given: all but these cases are answered from the store to who may see all of it', async () => {
    const outcomes: (string | undefined)[] = [];
    for (const each of CASES) {
      await askAs('everything', each);
      outcomes.push(outcomeOf(await askAs('everything', each)));
    }
    const anew = CASES.filter((_each, index) => outcomes[index] !== 'HIT').map(({ title }) => title);
    // Where something is nobody's, or a rule looks at objects.
    expect(anew).toEqual([
      'of a list every value has to be the claim, and nothing is nothing',
      'of lists in lists every value has to be the claim, however deep, and what is no scalar is not',
      'a value of a type that is not for who asks is nothing, whatever is selected of it',
      'an object of somebody else is null itself, once',
      'an object of somebody else inside a union, too',
      'an object of somebody else is null itself where nothing is selected of it: skipped, or of another type',
      'or nothing that is for who asks',
      'and stays for who is excepted, whatever is selected of it',
      'an object of several owners, in lists of lists, is for who is all of them',
      'what a rule looks at is fetched with it, whatever is selected',
    ]);
  });
});
