/** Contracts that are made to harm who reads them. */

export type Poison = {
  readonly title: string;
  /** Body of the registration without its name; made when it is sent, since some are large. `served` is a server whose every path is asked for in vain. */
  readonly body: (served: string) => unknown;
  /** Refused with this code; or taken without the poisonous place, which the report tells with its reason; or taken, since nothing of it is ever run. */
  readonly expect: 'invalid' | 'too-large' | 'set aside' | 'harmless';
};

const MILLION = 1_000_000;
const HUNDRED_MB = 104_857_600;
const answer = (ref: string) => ({
  responses: { 200: { description: 'ok', content: { 'application/json': { schema: { $ref: ref } } } } },
});
const head = '"openapi":"3.0.3","info":{"title":"poison","version":"1"}';

/** A contract of one operation, with these schemas (JSON text). */
function openapi(schemas: string, ref = '#/components/schemas/a0'): string {
  const paths = JSON.stringify({ '/a': { get: { operationId: 'a', ...answer(ref) } } });
  return `{${head},"paths":${paths},"components":{"schemas":${schemas}}}`;
}

const file = (name: string, text: string) => ({ contract: { files: { [name]: text }, main: name } });
const json = (schemas: string, ref?: string) => file('openapi.json', openapi(schemas, ref));

function chainOfRefs(length: number): string {
  const links = Array.from({ length }, (_, n) => `"a${n}":{"$ref":"#/components/schemas/a${n + 1}"}`);
  return `{${links.join(',')},"a${length}":{"type":"string"}}`;
}

function laughs(levels: number, width: number): string {
  const lines = Array.from({ length: levels }, (_, n) =>
    n === 0 ? `x0: &l0 [${'"lol",'.repeat(width)}]` : `x${n}: &l${n} [${`*l${n - 1},`.repeat(width)}]`,
  );
  return `openapi: 3.0.3\ninfo: { title: laughs, version: '1' }\npaths: {}\n${lines.join('\n')}\n`;
}

const patterns = JSON.stringify({
  a0: {
    type: 'object',
    properties: Object.fromEntries(
      ['^(a+)+$', '^(a|a)*$', '^([a-z]+)*\\d$', '(x+x+)+y', '^(.*)*(.*)*(.*)*$'].map((pattern, n) => [
        `p${n}`,
        { type: 'string', pattern, default: `${'a'.repeat(50_000)}!`, example: `${'x'.repeat(50_000)}!` },
      ]),
    ),
  },
});

export const poisons: readonly Poison[] = [
  {
    title: '100 MB, uploaded',
    body: () => json(`{"a0":{"type":"string","description":"${'x'.repeat(HUNDRED_MB)}"}}`),
    expect: 'too-large',
  },
  {
    title: '100 MB, fetched from a URL',
    body: (served) => ({ contract: { url: `${served}/100mb/openapi.json` } }),
    expect: 'invalid',
  },
  { title: 'references 10^6 deep', body: () => json(chainOfRefs(MILLION)), expect: 'invalid' },
  {
    title: 'schemas 10^6 deep',
    body: () => json(`{"a0":${'{"items":'.repeat(MILLION)}{}${'}'.repeat(MILLION)}}`),
    expect: 'invalid',
  },
  {
    title: 'YAML lists 10^6 deep',
    body: () => file('openapi.yaml', `openapi: 3.0.3\nx: ${'['.repeat(MILLION)}${']'.repeat(MILLION)}\n`),
    expect: 'invalid',
  },
  { title: 'billion laughs in YAML', body: () => file('openapi.yaml', laughs(10, 10)), expect: 'invalid' },
  {
    title: 'an alias of YAML inside of what it stands for',
    body: () => file('openapi.yaml', 'openapi: 3.0.3\ninfo: &a { x: *a }\npaths: {}\n'),
    expect: 'invalid',
  },
  { title: 'patterns that take for ever (ReDoS)', body: () => json(patterns), expect: 'harmless' },
  {
    title: 'allOf in a circle',
    body: () =>
      json('{"a0":{"allOf":[{"$ref":"#/components/schemas/a1"}]},"a1":{"allOf":[{"$ref":"#/components/schemas/a0"}]}}'),
    expect: 'set aside',
  },
  {
    title: 'a reference to cloud metadata',
    body: () => json('{}', 'http://169.254.169.254/latest/meta-data/#/a'),
    expect: 'set aside',
  },
  {
    title: 'a reference to an internal service',
    body: (served) => json('{}', `${served}/x.json#/a`),
    expect: 'set aside',
  },
  {
    title: 'a reference to a file of the machine',
    body: () => json('{}', '../../../../etc/passwd#/a'),
    expect: 'set aside',
  },
  { title: 'a reference to a file by URL', body: () => json('{}', 'file:///etc/passwd#/a'), expect: 'set aside' },
  {
    title: 'a contract at cloud metadata',
    body: () => ({ contract: { url: 'http://169.254.169.254/latest/openapi.json' } }),
    expect: 'invalid',
  },
  {
    title: 'lists of GraphQL types 10^6 deep',
    body: () => file('schema.graphql', `type Query { a: ${'['.repeat(MILLION)}Int${']'.repeat(MILLION)} }`),
    expect: 'invalid',
  },
  {
    title: 'messages of .proto 10^5 deep',
    body: () =>
      file(
        'a.proto',
        `syntax = "proto3"; package p; ${'message M { '.repeat(MILLION / 10)}${'}'.repeat(MILLION / 10)}`,
      ),
    expect: 'invalid',
  },
];
