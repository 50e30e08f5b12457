import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatFaults } from '../../../../gateway/config/faults.ts';
import { loadPolicy } from '../../../../gateway/config/load.ts';
import { startHealthChecks } from '../../../../gateway/connect/chain/health.ts';
import { createGrpcTransport } from '../../../../gateway/connect/grpc/transport.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, SOURCE } from '../kit.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) process.stderr.write('SKIPPED: openssl is not on PATH, so TLS to upstreams is not tested\n');

const REST = `type Query { item: JSON @httpOperation(subgraph: "shop", path: "/", httpMethod: "GET", accept: "application/json", params: []) }`;
const GRAPHQL = `type Query { item: JSON @graphqlField(subgraph: "shop", name: "item", type: "JSON") }`;
const OURS = 'caFile: ca.pem, certFile: client.pem, keyFile: client.key, serverName: shop.internal';

let dir = '';
const at = (file: string): string => join(dir, 'sources', SOURCE, file);

async function policyOf(tls: string) {
  writeFileSync(at('policy.yaml'), `deadlineMs: 5000\ntls: { ${tls} }\n`);
  return await loadPolicy({ dir, env: {}, source: SOURCE });
}

async function loaded(tls: string) {
  const policy = await policyOf(tls);
  if (!policy.ok) throw new Error(formatFaults(policy.faults));
  return policy.value;
}

/** A server that shows the certificate of shop.internal and asks for one of ours. */
async function startHttps() {
  const options = {
    ca: readFileSync(at('ca.pem')),
    cert: readFileSync(at('server.pem')),
    key: readFileSync(at('server.key')),
    requestCert: true,
  };
  const server = createServer(options, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"item":1},"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.skipIf(!hasOpenssl)('TLS to a source', () => {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tls-'));
    mkdirSync(join(dir, 'sources', SOURCE), { recursive: true });
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: at('.'), stdio: 'ignore' });
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test root', '-days', '2');
    writeFileSync(at('server.ext'), 'subjectAltName=DNS:shop.internal');
    writeFileSync(at('client.ext'), 'subjectAltName=DNS:gateway');
    for (const name of ['server', 'client']) {
      openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
    }
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ['rest', REST, { ok: true }],
    ['graphql', GRAPHQL, 1],
  ] as const)('%s: both sides show a certificate', async (kind, sdl, data) => {
    await using server = await startHttps();
    const options = { ...optionsOf({ sdl, endpoints: [server.url] }), policy: await loaded(OURS) };
    await using connector = openConnector(kind, options);
    const result = await connector.call(callOf('item'));
    expect(result).toMatchObject({ status: 200, data });
  });

  it.each([
    ['no certificate of ours', 'caFile: ca.pem, serverName: shop.internal'],
    ['a root nobody named', 'certFile: client.pem, keyFile: client.key, serverName: shop.internal'],
    [
      'another name than the certificate has',
      'caFile: ca.pem, certFile: client.pem, keyFile: client.key, serverName: other',
    ],
  ])('is UPSTREAM_UNREACHABLE with %s', async (_what, tls) => {
    await using server = await startHttps();
    await using connector = openConnector('rest', {
      ...optionsOf({ sdl: REST, endpoints: [server.url] }),
      policy: await loaded(tls),
    });
    expect((await failureOf(connector.call(callOf('item')))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it('gRPC: both sides show a certificate, and who shows none is not let in', async () => {
    const same = (bytes: Buffer): Buffer => bytes;
    const codec = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    const server = new Server();
    server.addService(
      { echo: { path: '/s/Echo', requestStream: false, responseStream: false, ...codec } },
      { echo: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => reply(null, call.request) },
    );
    const check = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, ...codec };
    server.addService(
      { check },
      { check: (_call: unknown, reply: sendUnaryData<Buffer>) => reply(null, Buffer.from([0x08, 1])) },
    );
    const pair = { cert_chain: readFileSync(at('server.pem')), private_key: readFileSync(at('server.key')) };
    const security = ServerCredentials.createSsl(readFileSync(at('ca.pem')), [pair], true);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', security, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    const ask = async (tls: string) => {
      const { tlsMaterial } = await loaded(tls);
      const endpoints = [`127.0.0.1:${port}`];
      await using transport = createGrpcTransport({ source: SOURCE, endpoints, maxBodyBytes: 1000, tls: tlsMaterial });
      const request = { path: '/s/Echo', headers: new Map(), remainingMs: 5000, message: Buffer.from('hi') };
      return await transport.send(request, new AbortController().signal);
    };
    const isWell = async (tls: string): Promise<boolean> => {
      const { tlsMaterial } = await loaded(tls);
      const policy = { path: '/', intervalMs: 1, timeoutMs: 2000, failures: 1 };
      const probe = {
        source: SOURCE,
        kind: 'grpc',
        endpoints: [`127.0.0.1:${port}`],
        policy,
        tls: tlsMaterial,
      } as const;
      let checks: AsyncDisposable | undefined;
      const found = await new Promise<boolean>((resolve) => {
        checks = startHealthChecks({ ...probe, report: (_, healthy) => resolve(healthy), random: Math.random });
      });
      await checks?.[Symbol.asyncDispose]();
      return found;
    };
    try {
      expect([await isWell(OURS), await isWell('caFile: ca.pem, serverName: shop.internal')]).toEqual([true, false]);
      expect(await ask(OURS)).toEqual({ message: Buffer.from('hi') });
      expect(await ask('caFile: ca.pem, serverName: shop.internal')).toMatchObject({ name: 'UNAVAILABLE' });
    } finally {
      server.forceShutdown();
    }
  });

  it.each([
    ['rest', 'http://h', /https/],
    ['grpc', 'grpc://h:1', /grpcs/],
  ] as const)('%s: an address in plain text is refused', async (kind, endpoint, message) => {
    const policy = await loaded('caFile: ca.pem');
    const options = { ...optionsOf({ sdl: 'type Query { a: Int }', endpoints: [endpoint] }), policy };
    expect(() => openConnector(kind, options)).toThrow(message);
  });

  it.each([
    ['caFile: none.pem', 'policy.yaml:2:16 tls.caFile: cannot be read (ENOENT)'],
    ['caFile: client.key', 'policy.yaml:2:16 tls.caFile: is not a certificate (PEM)'],
    ['certFile: client.pem, keyFile: server.key', 'tls.keyFile: is not the key of the certificate in certFile'],
    ['certFile: client.pem, keyFile: ca.pem', 'tls.keyFile: is not a private key (PEM, without a passphrase)'],
  ])('tells when the policy is loaded what is wrong with %s', async (tls, fault) => {
    const policy = await policyOf(tls);
    expect(policy.ok ? '' : formatFaults(policy.faults)).toContain(fault);
  });
});
