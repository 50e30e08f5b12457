/** What a contract says of where its service is and of who may call it, as far as a connector has to know. */
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { get, openapi, read, schemaOf } from './kit.ts';

const answer = { type: 'object', properties: { id: { type: 'string' } } };

function contract(top: object, operation: object = {}, path: object = {}): { files: Record<string, string> } {
  const item = { ...(get('thing', answer, { ...operation }) as object), ...path };
  const document = JSON.parse(String(openapi({ '/things': item })['openapi.json']));
  return {
    files: {
      'openapi.json': JSON.stringify({
        ...document,
        ...top,
        components: { ...document.components, ...('components' in top ? (top.components as object) : {}) },
      }),
    },
  };
}

async function built(top: object, operation: object = {}, path: object = {}) {
  const done = await read(contract(top, operation, path));
  const [extension] = parse(done.text).definitions;
  const [transport] = directivesNamed(extension as Parameters<typeof directivesNamed>[0], 'transport');
  const [wire] = directivesNamed(schemaOf(done).getQueryType()?.getFields()['thing']?.astNode, 'httpOperation');
  return { transport, wire, notes: done.report.notes };
}

describe('servers', () => {
  it('with variables stand in the text as they are, beside the address that the defaults make', async () => {
    const variables = { region: { default: 'eu', enum: ['eu', 'us'] }, port: { default: 8443 } };
    const { transport } = await built({ servers: [{ url: 'https://{region}.example:{port}/v1', variables }] });
    expect(transport).toMatchObject({
      location: 'https://eu.example:8443/v1',
      options: {
        server: {
          url: 'https://{region}.example:{port}/v1',
          variables: [
            { name: 'region', default: 'eu', values: ['eu', 'us'] },
            { name: 'port', default: '8443' },
          ],
        },
      },
    });
  });

  it('without a default wait for the policy; relative ones are noted', async () => {
    const { transport } = await built({ servers: [{ url: 'https://{tenant}.example' }] });
    expect(transport?.['location']).toBeUndefined();
    expect(transport?.['options']).toEqual({
      server: { url: 'https://{tenant}.example', variables: [{ name: 'tenant' }] },
    });
    const relative = await built({ servers: [{ url: '/api/v3' }] });
    expect(relative.transport?.['location']).toBeUndefined();
    expect(relative.notes).toEqual([
      {
        pointer: '/servers/0',
        text: 'the address is no whole one: name it in endpoints.static of policy.yaml, with its path',
      },
    ]);
  });

  const top = { servers: [{ url: 'https://api.example/v1' }] };
  it.each([
    ['its own', [{ url: 'https://api.example/v1/files' }], '/files/things'],
    ['its own, by a path alone', [{ url: '/v1/files' }], '/files/things'],
    ['its own, below the contract’s', [{ url: 'files/' }], '/files/things'],
    ['the same as all', [{ url: 'https://api.example/v1/' }], '/things'],
    ['the first that can be called', [{ url: 'https://other.example' }, { url: '/v1/a//b' }], '/a/b/things'],
    ['with a variable', [{ url: '/v1/{area}', variables: { area: { default: 'files' } } }], '/files/things'],
  ])('of an operation stand before its path: %s', async (_what, servers, path) => {
    const ofOperation = await built(top, { servers });
    expect(ofOperation.wire?.['path']).toBe(path);
    expect(ofOperation.notes).toEqual([]);
    expect((await built(top, {}, { servers })).wire?.['path']).toBe(path);
  });

  it('of an operation count below an address that only the operator knows', async () => {
    expect((await built({}, { servers: [{ url: '/v2' }] })).wire?.['path']).toBe('/v2/things');
    expect((await built({ servers: [{ url: '/api' }] }, { servers: [{ url: '/api/v2' }] })).wire?.['path']).toBe(
      '/v2/things',
    );
  });

  it.each([
    ['another host', 'https://upload.example/v1'],
    ['another host without a scheme', '//upload.example/v1'],
    ['another scheme', 'http://api.example/v1'],
    ['another port', 'https://api.example:8443/v1'],
    ['beside the contract’s', '/v2'],
    ['above the contract’s', '/'],
    ['out of it by steps', '/v1/../v2'],
    ['out of it by steps that only the service sees', '/v1/..%2fv2'],
    ['a name that only begins alike', '/v10'],
    ['a variable without a value', '/v1/{area}'],
    ['cloud metadata', 'http://169.254.169.254/v1'],
    ['no address', 'http://['],
  ])('of an operation are not followed to %s', async (_what, url) => {
    const { wire, notes } = await built(top, { servers: [{ url }] });
    expect(wire?.['path']).toBe('/things');
    expect(notes).toEqual([
      {
        pointer: '/paths/~1things/get',
        text: `it has a server of its own, ${url}, that does not lie below the source's: it is called at the source's`,
      },
    ]);
  });
});

describe('security', () => {
  const components = {
    securitySchemes: {
      key: { type: 'apiKey', in: 'cookie', name: 'k' },
      login: { type: 'http', scheme: 'Basic' },
      token: { type: 'http', scheme: 'bearer' },
      digest: { type: 'http', scheme: 'digest' },
      oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: {} }, implicit: {} } },
      sso: { type: 'openIdConnect', openIdConnectUrl: 'https://sso.example' },
      tls: { type: 'mutualTLS' },
      named: { $ref: '#/components/securitySchemes/key' },
      broken: { $ref: '#/nope' },
      empty: { type: 'apiKey' },
    },
  };
  const everywhere = { components, security: [{ oauth: ['a', 'b'] }, { key: [], login: [] }, {}] };

  it('schemes and what all operations ask for stand in the text', async () => {
    const { transport, wire } = await built(everywhere);
    expect(transport?.['options']).toEqual({
      security: {
        // By name: in which order a contract lists them changes nothing.
        schemes: [
          { name: 'digest', type: 'other', said: 'http digest' },
          { name: 'empty', type: 'other', said: 'apiKey' },
          { name: 'key', type: 'apiKey', in: 'cookie', parameter: 'k' },
          { name: 'login', type: 'basic' },
          { name: 'named', type: 'apiKey', in: 'cookie', parameter: 'k' },
          { name: 'oauth', type: 'oauth2', tokenUrl: '/token' },
          { name: 'sso', type: 'oauth2' },
          { name: 'tls', type: 'mutualTLS' },
          { name: 'token', type: 'bearer' },
        ],
        requirements: [[{ scheme: 'oauth', scopes: ['a', 'b'] }], [{ scheme: 'key' }, { scheme: 'login' }], []],
      },
    });
    expect(wire?.['security']).toBeUndefined();
  });

  it('an operation says only what differs', async () => {
    expect((await built(everywhere, { security: everywhere.security })).wire?.['security']).toBeUndefined();
    expect((await built(everywhere, { security: [] })).wire?.['security']).toEqual([]);
    expect((await built(everywhere, { security: [{ token: [] }] })).wire?.['security']).toEqual([
      [{ scheme: 'token' }],
    ]);
    expect((await built({}, { security: [{ token: [] }] })).wire?.['security']).toBeUndefined();
  });

  it.each([[{ securitySchemes: [] }], [{ securitySchemes: { a: 1, b: null } }], [{ securitySchemes: 'x' }]])(
    'of %j is none',
    async (strange) => {
      const { transport } = await built({ components: strange, security: 'x' }, { security: 3 });
      expect(transport?.['options']).toBeUndefined();
    },
  );
});

describe('paths', () => {
  it('that lead out of the endpoint are left out, in any spelling', async () => {
    const out = ['/../../admin/keys', '/%2e%2e/admin/{id}', '/a/..\\..\\admin', '/a/..%2Fadmin', '/a/.'];
    const kept = ['/.well-known/things', '/a/...'];
    const paths = Object.fromEntries([...out, ...kept].map((path) => [path, get(undefined, answer)]));
    const { report } = await read({ files: openapi(paths) });
    expect(report.operations).toEqual({ total: out.length + kept.length, imported: kept.length });
    expect(report.leftOut).toHaveLength(out.length);
    expect(report.leftOut).toEqual(
      expect.arrayContaining(
        out.map((path) => ({
          operation: `GET ${path}`,
          pointer: `/paths/${path.replaceAll('/', '~1')}/get`,
          reason: 'its path holds `.` or `..`, which could lead out of the endpoint of the source',
        })),
      ),
    );
  });
});
