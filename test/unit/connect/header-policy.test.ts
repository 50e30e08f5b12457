/** Rules for headers at three levels: which of them decides, and what nobody may have sent. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderRules } from '../../../gateway/config/headers.ts';
import { parseGatewayConfig, parsePolicy } from '../../../gateway/config/load.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import { planHeaders } from '../../../gateway/connect/header-policy.ts';
import { createHeaders } from '../../../gateway/connect/headers.ts';
import { isConnectionHeader } from '../../../gateway/lib/header-fields.ts';
import { faults, value } from '../config/parse.ts';
import { callOf, optionsOf } from './kit.ts';

const SDL = `type Query {
  get: JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", params: [])
  other: JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", params: [])
}`;

type Levels = { all?: string; source?: string; operation?: string; given?: Record<string, string> };

/** What a call of `get` and one of `other` are sent with, but for id and time. */
function sent(
  { all = '{}', source = '{}', operation, given = {} }: Levels,
  client: Record<string, string>,
  own: [string, string][] = [],
) {
  const ofOperation = operation === undefined ? '' : `\noperations: { get: { headers: ${operation} } }`;
  const headersOf = createHeaders(
    {
      ...optionsOf({ sdl: SDL, headers: given }),
      headerRules: value(parseGatewayConfig, `headers: ${all}`).headers,
      policy: value(parsePolicy, `headers: ${source}${ofOperation}`),
    },
    { 'user-agent': 'tributary' },
  );
  const read = (name: string) => {
    const headers = headersOf(callOf(name, {}, { headers: client }), own);
    headers.delete('x-request-timeout-ms');
    if (headers.get('x-request-id') === 'request-1') headers.delete('x-request-id');
    if (headers.get('user-agent') === 'tributary') headers.delete('user-agent');
    return Object.fromEntries(headers);
  };
  return { get: read('get'), other: read('other') };
}

describe('of the levels that name a header the narrowest decides', () => {
  it.each<[string, Levels, Record<string, string>, Record<string, string>]>([
    [
      'a source forwards what all set',
      { all: '{ set: { x-a: all } }', source: '{ forward: [x-a] }' },
      { 'x-a': 'client' },
      { 'x-a': 'client' },
    ],
    ['and then nothing when there is none', { all: '{ set: { x-a: all } }', source: '{ forward: [x-a] }' }, {}, {}],
    [
      'a source sets what all forward',
      { all: '{ forward: [x-a] }', source: '{ set: { x-a: source } }' },
      { 'x-a': 'client' },
      { 'x-a': 'source' },
    ],
    [
      'a source removes what all forward',
      { all: '{ forward: [x-a] }', source: '{ remove: [X-A] }' },
      { 'x-a': 'client' },
      {},
    ],
    [
      'a source sets what all remove',
      { all: '{ remove: [x-a] }', source: '{ set: { x-a: source } }' },
      {},
      { 'x-a': 'source' },
    ],
    [
      'a source renames what all forward',
      { all: '{ forward: [x-a] }', source: '{ rename: { x-a: x-b } }' },
      { 'x-a': 'client' },
      { 'x-b': 'client' },
    ],
    [
      'a source forwards what all rename',
      { all: '{ rename: { x-a: x-b } }', source: '{ forward: [x-a] }' },
      { 'x-a': 'client' },
      { 'x-a': 'client' },
    ],
    [
      'set is stronger than forward on one level',
      { source: '{ forward: [x-a], set: { x-a: source } }' },
      { 'x-a': 'client' },
      { 'x-a': 'source' },
    ],
    [
      '.meshrc.yaml sets what the policy forwards',
      { given: { 'X-A': 'mesh' }, source: '{ forward: [x-a] }' },
      { 'x-a': 'client' },
      { 'x-a': 'mesh' },
    ],
    [
      'the policy sets what .meshrc.yaml sets',
      { given: { 'X-A': 'mesh' }, source: '{ set: { x-a: policy } }' },
      {},
      { 'x-a': 'policy' },
    ],
    ['the policy removes what .meshrc.yaml sets', { given: { 'X-A': 'mesh' }, source: '{ remove: [x-a] }' }, {}, {}],
    [
      'all remove nothing of what .meshrc.yaml sets',
      { given: { 'X-A': 'mesh' }, all: '{ remove: [x-a] }' },
      {},
      { 'x-a': 'mesh' },
    ],
  ])('%s', (_what, levels, client, expected) => {
    expect(sent(levels, client).get).toEqual(expected);
  });

  it('and rules of an operation hold for it alone', () => {
    const { get, other } = sent(
      {
        all: '{ forward: [x-a] }',
        source: '{ set: { x-b: source } }',
        operation: '{ remove: [x-b], rename: { x-a: x-c } }',
      },
      { 'x-a': 'client' },
    );
    expect(get).toEqual({ 'x-c': 'client' });
    expect(other).toEqual({ 'x-a': 'client', 'x-b': 'source' });
  });
});

describe('what is removed', () => {
  it('is sent neither for the contract nor for the gateway', () => {
    const own: [string, string][] = [
      ['X-Own', 'contract'],
      ['accept', 'application/json'],
    ];
    const { get, other } = sent(
      { operation: '{ remove: [x-own, accept, user-agent, x-request-id, x-request-timeout-ms] }' },
      {},
      own,
    );
    expect(get).toEqual({});
    expect(other).toEqual({ 'x-own': 'contract', accept: 'application/json' });
  });
});

describe('headers of a connection', () => {
  it('are sent under no name, nor is what the client says is about its own', () => {
    const client = { connection: 'close, X-Hop', 'x-hop': 'hop', 'proxy-authorization': 'secret', 'x-a': 'a' };
    const { get } = sent({ source: '{ forward: [x-a], rename: { x-hop: x-passed } }' }, client);
    expect(get).toEqual({ 'x-a': 'a' });
    const rules = {
      rename: { 'proxy-authorization': 'x-secret', 'x-a': 'host' },
      forward: ['te'],
      set: { upgrade: new Secret('h2') },
    };
    const plan = planHeaders([{ rules: rules as Partial<HeaderRules>, given: { 'Keep-Alive': '1' } }], 'shop');
    expect(plan).toEqual({ forwarded: [], set: [], removed: new Set() });
  });

  it('are sent by no rules at all', () => {
    const name = fc.constantFrom('x-a', 'x-b', 'x-c', 'te', 'host', 'proxy-x', 'accept', 'connection');
    const rules = fc.record({
      forward: fc.array(name, { maxLength: 3 }),
      rename: fc.dictionary(name, name, { maxKeys: 3 }),
      remove: fc.array(name, { maxLength: 2 }),
      set: fc.dictionary(name, fc.constant(new Secret('set')), { maxKeys: 2 }),
    });
    fc.assert(
      fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), (levels) => {
        const { forwarded, set, removed } = planHeaders(
          levels.map((each) => ({ rules: each })),
          'shop',
        );
        const targets = [...forwarded.map(([, to]) => to), ...set.map(([to]) => to)];
        expect([...targets, ...forwarded.map(([from]) => from)].filter(isConnectionHeader)).toEqual([]);
        // One origin for each header, one name for each of the client's, nothing sent that is removed.
        expect(new Set(targets).size).toBe(targets.length);
        expect(new Set(forwarded.map(([from]) => from)).size).toBe(forwarded.length);
        expect(targets.filter((to) => removed.has(to))).toEqual([]);
      }),
    );
  });
});

describe('rules that contradict each other', () => {
  it('on one level are faults with their lines', () => {
    const text = [
      'headers:',
      '  forward: [x-a, x-b]',
      '  set: { x-c: c }',
      '  remove: [X-A, x-c]',
      '  rename:',
      '    x-b: x-d',
      '    x-e: x-a',
      '    x-f: x-c',
    ].join('\n');
    expect(faults(parsePolicy, text)).toEqual([
      'file.yaml:4:12 headers.remove.0: is in forward, too: leave it in one of the two',
      'file.yaml:4:17 headers.remove.1: is in set, too: leave it in one of the two',
      'file.yaml:6:10 headers.rename.x-b: is in forward, too: it is sent under one name',
      'file.yaml:7:10 headers.rename.x-e: is the name of a header in forward: take another',
      'file.yaml:7:10 headers.rename.x-e: is the name of a header in remove: take another',
      'file.yaml:8:10 headers.rename.x-f: is the name of a header in set: take another',
      'file.yaml:8:10 headers.rename.x-f: is the name of a header in remove: take another',
    ]);
    expect(faults(parsePolicy, 'headers: { rename: { x-a: x-c, x-b: x-c } }')).toEqual([
      'file.yaml:1:20 headers.rename: must give each header a name of its own',
    ]);
    expect(
      faults(parsePolicy, 'operations: { get: { headers: { rename: { x-a: accept }, remove: [content-type] } } }'),
    ).toEqual([
      'file.yaml:1:48 operations.get.headers.rename.x-a: is a header that the gateway itself sends',
      'file.yaml:1:67 operations.get.headers.remove.0: says how the body is written and cannot be removed',
    ]);
  });

  it('on different levels are none', () => {
    expect(
      faults(parsePolicy, 'headers: { forward: [x-a] }\noperations: { get: { headers: { remove: [x-a] } } }'),
    ).toEqual([]);
  });
});
