/** Joins that contracts make by links, among what teams wrote and what other sources have. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { signatures } from '../ingest/kit.ts';
import { compose, typeNames } from './kit.ts';

const link = (source: string, field: string, more = 'sourceArgs: { id: "{root.holder}" }') =>
  `@resolveTo(sourceName: "${source}", sourceTypeName: "Query", sourceFieldName: "${field}", ${more})`;
const bank = (name = 'bank') => `type Query { account: Account; person(id: ID): Person; }
  type Account { holder: ID } type Person { name: String }
  extend type Account { owner(lang: String): Person ${link(name, 'person')} }`;
const joinOf = (text: string, field: string) =>
  new RegExp(`\\b${field}(\\(.*?\\))?: \\w+ @resolveTo\\(.*\\)`).exec(text)?.[0];

describe('a link', () => {
  it('is a field for clients, and a join of the private text', () => {
    const { publicText, privateText } = compose({ bank: { sdl: bank() } });
    expect(signatures(buildSchema(publicText), 'Account')).toEqual(['holder: ID', 'owner(lang: String): Person']);
    expect(publicText).not.toContain('@resolveTo');
    expect(joinOf(privateText, 'owner')).toBe(
      'owner(lang: String): Person @resolveTo(sourceName: "bank", sourceTypeName: "Query", sourceFieldName: "person", sourceArgs: {id: "{root.holder}"})',
    );
  });

  it('follows types and root fields that were renamed for another source', () => {
    const shop = 'type Query { person: Int; } type Person { age: Int } type Account { name: String }';
    const { publicText, privateText } = compose({ shop: { sdl: shop }, bank: { sdl: bank() } });
    expect(signatures(buildSchema(publicText), 'BankAccount')).toContain('owner(lang: String): BankPerson');
    expect(joinOf(privateText, 'owner')).toContain('sourceFieldName: "bankPerson"');
  });

  it('keeps no types apart: what two sources have alike is one, with the first link', () => {
    const { publicText, privateText } = compose({ a: { sdl: bank('a') }, b: { sdl: bank('b') } });
    expect(typeNames(publicText).filter((name) => /Account/.test(name))).toEqual(['Account']);
    expect(privateText.match(/@resolveTo\(/g)).toHaveLength(1);
    expect(joinOf(privateText, 'owner')).toContain('sourceName: "a"');
  });

  it('gives way to a join of its name that a team wrote', () => {
    const joins = `extend type Account { owner: Person ${link('bank', 'person', 'keyField: "holder", keysArg: "id"')} }`;
    const { publicText, privateText } = compose({ bank: { sdl: bank(), joins } });
    expect(signatures(buildSchema(publicText), 'Account')).toEqual(['holder: ID', 'owner: Person']);
    expect(joinOf(privateText, 'owner')).toContain('keysArg: "id"');
  });

  it('gives way to a field that another source has of a shared type', () => {
    const policy = (field: string) => ({
      coordinates: { [`Query.${field}`]: { merge: { keyField: 'holder', keysArg: 'ids' } } },
    });
    const sdl = bank().replace('account: Account', 'accounts(ids: [ID]): [Account]');
    const { publicText } = compose({
      bank: { sdl, policy: policy('accounts') },
      crm: {
        sdl: 'type Query { owners(ids: [ID]): [Account]; } type Account { holder: ID owner: String }',
        policy: policy('owners'),
      },
    });
    expect(signatures(buildSchema(publicText), 'Account')).toEqual(['holder: ID', 'owner: String']);
  });
});
