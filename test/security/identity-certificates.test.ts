/** Certificates of clients: on a port of our own with TLS, and passed on by a proxy. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatFaults } from '../../gateway/config/faults.ts';
import { loadGatewayConfig } from '../../gateway/config/load.ts';
import { createPeerOf, readCertificate } from '../../gateway/http/peer.ts';
import { createFakeClock } from '../kit/clock.ts';
import { connect } from '../kit/socket.ts';
import { openWhoami } from './whoami.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) process.stderr.write('SKIPPED: openssl is not on PATH, so certificates of clients are not tested\n');

let dir = '';
const at = (name: string): string => join(dir, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');
/** Within the two days that the certificates are good. */
const clock = () => createFakeClock(Date.now() + 60_000);

beforeAll(() => {
  if (!hasOpenssl) return;
  dir = mkdtempSync(join(tmpdir(), 'mtls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const name of ['ca', 'strange'])
    openssl(
      'req',
      '-x509',
      ...ec,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
    );
  const names = {
    server: 'DNS:localhost,IP:127.0.0.1',
    client: 'DNS:client.shop.test,URI:spiffe://shop/client',
    // What looks like a second name is part of the first.
    sly: 'URI:spiffe://shop/x\\, DNS:admin.shop.test',
  };
  for (const [name, alternatives] of Object.entries(names)) {
    writeFileSync(
      at(`${name}.ext`),
      `subjectAltName=@names\n[names]\n${alternatives
        .split(/(?<!\\),/)
        .map((each, index) => each.replace(':', `.${index}=`))
        .join('\n')
        .replaceAll('\\,', ',')}\n`,
    );
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/O=Shop/CN=${name}`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
    );
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function material(tls = 'certFile: server.pem, keyFile: server.key, caFile: ca.pem') {
  writeFileSync(at('gateway.yaml'), `listen: { tls: { ${tls} } }\n`);
  const loaded = await loadGatewayConfig({ dir, env: {} });
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults));
  return loaded.value.tlsMaterial;
}

/** Asks over TLS, with a certificate or without. */
function post(
  url: string,
  name?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
  const own = name === undefined ? {} : { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      ca: read('ca.pem'),
      ...own,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const sent = request(`${url.replace('127.0.0.1', 'localhost')}/graphql`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end('{"query":"{ me }"}');
  });
}

describe.skipIf(!hasOpenssl)('a client’s certificate', () => {
  const granted = { clients: [{ id: 'client', roles: ['robot'], claims: { level: 1 } }] };
  async function serve(mtls: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) {
    const listen = {
      host: '127.0.0.1',
      port: 0,
      tls: { certFile: 'server.pem', keyFile: 'server.key', caFile: 'ca.pem' },
    };
    const whoami = openWhoami({ mtls, ...more }, { listen }, { clock: clock(), tls: await material() });
    const { url } = await whoami.app.listen();
    expect(url).toMatch(/^https:/);
    return { ...whoami, url, [Symbol.asyncDispose]: () => whoami.app[Symbol.asyncDispose]() };
  }

  it('tells who asks, where one of the authorities that are named has signed it', async () => {
    await using whoami = await serve(granted);
    const { status, body } = await post(whoami.url, 'client');
    expect([status, JSON.parse(JSON.parse(body).data.me)]).toMatchObject([
      200,
      { kind: 'certificate', id: 'certificate:client', roles: ['robot'], claims: { sub: 'client', level: 1 } },
    ]);
    expect((await post(whoami.url)).body).toContain('anonymous');
    expect(await post(whoami.url, 'strange')).toMatchObject({ status: 401 });
    expect(await post(whoami.url, 'sly')).toMatchObject({ status: 401 });
    // What a proxy may pass on, nobody else may.
    const spoof = { 'client-cert': `:${derOf('client')}:` };
    expect((await post(whoami.url, undefined, spoof)).body).toContain('anonymous');
  });

  it.each([
    ['commonName', 'client'],
    ['dnsName', 'client.shop.test'],
    ['uri', 'spiffe://shop/client'],
  ])('names the principal by its %s', async (id, subject) => {
    await using whoami = await serve({ id });
    expect((await post(whoami.url, 'client')).body).toContain(`certificate:${subject}`);
  });

  it('holds for a WebSocket connection, too', async () => {
    await using whoami = await serve(granted, { anonymous: false });
    const tls = { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') };
    const url = `${whoami.url.replace('127.0.0.1', 'localhost').replace('https', 'wss')}/graphql`;
    const client = await connect(url, tls);
    client.socket.close();
    const refused = await connect(url, { ca: tls.ca, handshake: false });
    refused.send({ type: 'connection_init' });
    expect((await refused.closed).code).toBe(4401);
  });

  it('may be passed on by a trusted proxy: RFC 9440, or PEM with URL encoding', async () => {
    const trustedProxy = { addresses: ['127.0.0.1'], headers: { certificate: 'client-cert' } };
    const { app } = openWhoami({ mtls: granted, trustedProxy }, {}, { clock: clock() });
    const { url } = await app.listen();
    const ask = async (certificate: string) => {
      const headers = { 'content-type': 'application/json', 'client-cert': certificate };
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ me }"}' });
      return [response.status, (await response.text()).includes('certificate:client')];
    };
    expect(await ask(`:${derOf('client')}:`)).toEqual([200, true]);
    expect(await ask(encodeURIComponent(read('client.pem')))).toEqual([200, true]);
    for (const bad of ['garbage', ':AAAA:', '%', `:${derOf('sly')}:`]) expect(await ask(bad)).toEqual([401, false]);
    expect((await ask(''))[0]).toBe(200);
    await app[Symbol.asyncDispose]();
  });

  it('is good in its time only', () => {
    const certificate = readCertificate(`:${derOf('client')}:`);
    expect(certificate).toMatchObject({ commonName: 'client', dnsNames: ['client.shop.test'], isTrusted: true });
    expect(certificate.validTo - certificate.validFrom).toBe(2 * 86_400_000);
    expect(readCertificate(`:${derOf('sly')}:`)).toMatchObject({
      dnsNames: [],
      uris: ['spiffe://shop/x, DNS:admin.shop.test'],
    });
  });

  it('has files that are looked at when the configuration is loaded', async () => {
    await expect(material('certFile: nowhere.pem, keyFile: server.key')).rejects.toThrow(
      /listen\.tls\.certFile: cannot be read/,
    );
    await expect(material('certFile: client.pem, keyFile: server.key')).rejects.toThrow(
      /listen\.tls\.keyFile: is not the key/,
    );
  });
});

describe('who connected', () => {
  const trusted = { addresses: ['10.0.0.0/8', 'fd00::/8'], headers: { address: 'x-forwarded-for' } };
  const peerOf = createPeerOf(trusted);
  it.each([
    ['10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['fd00::1', '2001:db8::7', '2001:db8::7'],
    ['10.1.2.3', '6.6.6.6, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['10.1.2.3', '[2001:db8::7]:443', '2001:db8::7'],
    ['10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['10.1.2.3', 'unknown, 10.0.0.2', '10.0.0.2'],
    ['10.1.2.3', '', '10.1.2.3'],
    ['203.0.113.1', '6.6.6.6', '203.0.113.1'],
    ['::ffff:203.0.113.1', '6.6.6.6', '203.0.113.1'],
    ['10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
    ['', '6.6.6.6', ''],
  ])('from %s with %j is %s', (remoteAddress, list, address) => {
    expect(peerOf({ remoteAddress }, new Map([['x-forwarded-for', list]])).address).toBe(address);
  });
});

function derOf(name: string): string {
  return read(`${name}.pem`).replace(/-----[A-Z ]+-----|\s/g, '');
}
