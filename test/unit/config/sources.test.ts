import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseMeshrc, parsePolicy } from '../../../gateway/config/load.ts';
import { elsewhere } from '../../../gateway/config/meshrc.ts';
import { defaultPolicy } from '../../../gateway/config/policy.ts';
import { faults, value } from './parse.ts';

describe('policy.yaml', () => {
  it('needs no key at all', () => {
    expect(value(parsePolicy, '')).toEqual(defaultPolicy());
  });

  it('keeps what headers are set to secret', () => {
    const policy = value(parsePolicy, 'headers: { set: { Authorization: "Bearer ${T}" } }', { T: 'hunter2' });
    expect(policy.headers.set['authorization']?.reveal()).toBe('Bearer hunter2');
    expect(`${JSON.stringify(policy)} ${inspect(policy, { depth: 9 })}`).not.toContain('hunter2');
  });

  it('reads operations, names and merges', () => {
    const text = [
      'owner: team-a',
      'deadlineMs: 500',
      'endpoints: { static: [http://a:1/x, "b:50051", "[::1]:80"] }',
      'names: { types: { users2: Member }, fields: { Member.nm: name }, operations: { get_x: x } }',
      'operations: { getX: { notFound: null, idempotent: true, batchSize: 50 }, old: { exclude: true } }',
      'coordinates:',
      '  Query.products: { merge: { keyField: id, keysArg: input.ids, result: rows } }',
      '  Query.stocks: { merge: { keyFields: [a, b], keysArgFields: [x, y], keysArg: keys } }',
    ].join('\n');
    expect(value(parsePolicy, text)).toMatchObject({
      operations: { getX: { notFound: 'null', batchSize: 50 } },
      coordinates: { 'Query.products': { merge: { keysArg: 'input.ids' } } },
    });
  });

  it.each([
    ...['http://a', 'https://a/x?y=z', 'a:50051', '[::1]:80', 'grpc://a:1', 'grpcs://a.b', 'dns:///a.b:50051'],
    ...['dns:a:50051', 'ipv4:10.0.0.1:1,10.0.0.2:1', 'ipv6:[::1]:1', 'unix:/run/a.sock'],
  ])('takes %s for an address', (address) => {
    const text = `endpoints: { static: [${JSON.stringify(address)}] }`;
    expect(value(parsePolicy, text).endpoints.static).toEqual([address]);
  });

  it.each(['a', 'ftp://a', 'http://', 'grpcs://', '/a', 'dns:', 'xds:///a', 'a:b'])('takes %s for none', (address) => {
    expect(faults(parsePolicy, `endpoints: { static: [${JSON.stringify(address)}] }`)).toEqual([
      expect.stringContaining('must be an http(s) URL or host:port, for gRPC also grpc(s)://host:port'),
    ]);
  });

  it('takes a number for how many calls there may be at a time', () => {
    const rest = { maxQueue: 100, maxQueueMs: 1000 };
    expect(value(parsePolicy, 'concurrency: 7').concurrency).toEqual({ maxCalls: 7, ...rest });
    expect(value(parsePolicy, 'concurrency: { maxQueue: 1 }').concurrency).toEqual({
      ...rest,
      maxCalls: 100,
      maxQueue: 1,
    });
    expect(faults(parsePolicy, 'concurrency: 0')[0]).toContain('concurrency: must be at least 1');
    expect(faults(parsePolicy, 'concurrency: { maxCals: 1 }')[0]).toContain('did you mean "maxCalls"?');
  });

  it('explains merges that cannot work', () => {
    const text = [
      'coordinates:',
      '  Query.a: { merge: { keysArg: ids } }',
      '  Query.b: { merge: { keyField: id } }',
      '  Query.c: { merge: { keyFields: [a, b], keysArgFields: [x], keysArg: k } }',
      '  no-where: {}',
    ].join('\n');
    expect(faults(parsePolicy, text)).toEqual([
      'file.yaml:2:21 coordinates.Query.a.merge: needs either keyField or keyFields',
      'file.yaml:3:14 coordinates.Query.b.merge.keysArg: is required: the argument that takes keys',
      'file.yaml:4:57 coordinates.Query.c.merge.keysArgFields: must have one entry for each of keyFields',
      'file.yaml:5:3 coordinates.no-where: must be a coordinate, written Type, Type.field or Type.field.argument',
    ]);
  });
});

describe('.meshrc.yaml', () => {
  it('reads the three kinds and a module by path', () => {
    const text = [
      'sources:',
      '  - name: a',
      '    handler: { openapi: { source: ./a.yaml, endpoint: http://a, operationHeaders: { x-a: b } } }',
      '    transforms: [{ prefix: { value: A_ } }]',
      '  - name: b',
      '    handler: { grpc: { source: { file: ./b.proto, load: { includeDirs: [./x] } }, endpoint: b:1 } }',
      '  - { name: c, handler: { graphql: { source: ./c.graphql, endpoint: http://c/graphql } } }',
      '  - { name: d, handler: { ./d.cjs: { x: 1 } } }',
    ].join('\n');
    expect(value(parseMeshrc, text).sources).toMatchObject([
      {
        name: 'a',
        handler: { kind: 'openapi', options: { operationHeaders: { 'x-a': 'b' } } },
        transforms: [{}],
      },
      { name: 'b', handler: { kind: 'grpc', options: { source: { file: './b.proto' } } } },
      { name: 'c', handler: { kind: 'graphql' }, transforms: [] },
      { name: 'd', handler: { kind: 'custom', module: './d.cjs', options: { x: 1 } } },
    ]);
  });

  it('refuses an option that has no effect, so that a misspelt endpoint never calls the contract’s own server', () => {
    const text = 'sources: [{ name: a, handler: { openapi: { source: ./a.yaml, endpont: http://a } } }]';
    expect(JSON.stringify(faults(parseMeshrc, text))).toMatch(/endpont: unknown key/);
  });

  it('names every fault of every source', () => {
    const text = [
      'sources:',
      '  - { name: a, handler: { openapi: { endpoint: 3 } } }',
      '  - { name: A, handler: { grpc: { source: {}, endpoint: x } } }',
      '  - { name: ../b, handler: { soap: {} } }',
      '  - { name: c, handler: {}, transfroms: [] }',
      '  - { name: d, handler: { ./../d.cjs: {} } }',
    ].join('\n');
    expect(faults(parseMeshrc, text)).toEqual([
      'file.yaml:2:27 sources.0.handler.openapi.source: is required: text',
      'file.yaml:2:48 sources.0.handler.openapi.endpoint: must be text: write it in quotes',
      'file.yaml:3:35 sources.1.handler.grpc.source.file: must be text or a list',
      'file.yaml:4:13 sources.2.name: must begin with a letter and hold letters, digits and dashes only (63 at most)',
      'file.yaml:4:36 sources.2.handler.soap: is not a handler: use openapi, grpc, graphql or a path that begins with ./',
      'file.yaml:5:25 sources.3.handler: must hold exactly one of openapi, grpc, graphql',
      'file.yaml:5:29 sources.3.transfroms: unknown key; did you mean "transforms"? (allowed here: name, handler, transforms)',
      'file.yaml:6:39 sources.4.handler../../d.cjs: is not a handler: use openapi, grpc, graphql or a path that begins with ./',
    ]);
  });

  it('wants names that differ by more than case', () => {
    const entry = (name: string) => `  - { name: ${name}, handler: { graphql: { source: s, endpoint: e } } }`;
    expect(faults(parseMeshrc, `sources:\n${entry('a')}\n${entry('A')}`)).toEqual([
      'file.yaml:3:13 sources.1.name: is used by another source already',
    ]);
  });

  it.each(Object.entries(elsewhere))('says where %s lives here', (key, place) => {
    expect(faults(parseMeshrc, `sources: []\n${key}: {}`)).toEqual([
      `file.yaml:2:1 ${key}: is not read from this file: ${place}`,
    ]);
  });
});
