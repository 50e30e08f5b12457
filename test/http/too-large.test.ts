/** Operations that are within every limit of configuration, and more than the gateway looks at or asks a source at once. */
import { afterEach, describe, expect, it } from 'vitest';
import { namesOf, openVault, type VaultGateway } from '../security/vault.ts';

const open: VaultGateway[] = [];
afterEach(async () => {
  for (const vault of open.splice(0)) await vault.app[Symbol.asyncDispose]();
});

/** A gateway whose configured limits refuse nothing. */
function start(): VaultGateway {
  const operationLimits = {
    ...{
      documentBytes: 1_000_000,
      tokens: 100_000,
      aliases: 50_000,
      rootFields: 50_000,
      fields: 50_000,
      repeats: 1_000_000,
    },
  };
  const vault = openVault({ operationLimits, cost: { max: 1_000_000_000 } });
  open.push(vault);
  return vault;
}
const many = (count: number, name: string): string =>
  Array.from({ length: count }, (_, n) => `c${n}: ${name}`).join(' ');

/** More text than a source is asked in one selection; the last number is the count of its fields. */
const kinds = (count: number): string =>
  Array.from({ length: count }, (_, n) => `c${n}: email(kind: "${'x'.repeat(100)}")`).join(' ');

describe('an operation', () => {
  it('that selects more than a GraphQL source is asked at once is LIMIT_COST at that field alone, and the source is not asked', async () => {
    const vault = start();
    const { status, body } = await vault.ask('admin', `{ open person(id: "a") { ${kinds(2500)} } }`);
    expect([status, body.data, namesOf(vault.calls)]).toEqual([200, { open: 'open', person: null }, ['shop.open']]);
    expect(body.errors).toMatchObject([
      {
        message: 'The operation asks crm for more than it can be asked at once: select fewer fields.',
        path: ['person'],
        extensions: { code: 'LIMIT_COST', source: 'crm', retryable: false },
      },
    ]);
    const { body: less } = await vault.ask('admin', `{ person(id: "a") { ${kinds(2000)} } }`);
    expect([Object.keys((less.data as { person: object }).person).length, namesOf(vault.calls)]).toEqual([
      2000,
      ['crm.person'],
    ]);
  });

  it('of which nobody could tell what it costs is LIMIT_COST, and nobody is asked', async () => {
    const vault = start();
    const { status, body } = await vault.ask('admin', `{ person(id: "a") { ${many(5001, 'name')} } }`);
    expect([status, body.data, vault.calls]).toEqual([400, undefined, []]);
    expect(body.errors).toMatchObject([
      {
        message: expect.stringMatching(/^The operation is too large to be priced/),
        extensions: { code: 'LIMIT_COST' },
      },
    ]);
  });
});
