/** Where calls must not go, whoever says so. */
import type { LookupAddress, lookup } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createGrpcTransport } from '../../../gateway/connect/grpc/transport.ts';
import { createGuard, type GuardOptions } from '../../../gateway/connect/guard.ts';
import { createHttpTransport } from '../../../gateway/connect/rest/transport.ts';
import { createFakeClock } from '../../kit/clock.ts';
import { failureOf, publicText, sendJson, startUpstream } from './kit.ts';

type Verdict = 'refused' | 'guarded' | 'free';

/** Forms that only grpc-js reads. */
const GRPC_ONLY = /^(dns|ipv4|ipv6|unix):/;

/** What becomes of an address: refused at once, judged when it is resolved, or left alone. */
function verdictOf(endpoint: string, rest: Partial<GuardOptions> = {}): Verdict {
  try {
    const isGrpc = GRPC_ONLY.test(endpoint);
    const options = { source: 'shop', endpoint, isGrpc, allowInternal: [], now: () => 0, ...rest };
    return createGuard(options) ? 'guarded' : 'free';
  } catch {
    return 'refused';
  }
}

/** A resolver that knows what the test says, and how often it was asked. */
function resolver(answers: () => readonly string[]) {
  const state = { asked: 0 };
  const resolve = ((_host: string, _options: object, done: (error: null, found: LookupAddress[]) => void) => {
    state.asked += 1;
    done(
      null,
      answers().map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
  return { state, resolve };
}

describe('link-local addresses and cloud metadata', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://169.254.169.254.:80',
    'http://user@169.254.1.1',
    'http://2852039166',
    'http://0xA9.0xFE.0xA9FE',
    'http://[::ffff:169.254.169.254]',
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[64:ff9b:1::a9fe:a9fe]',
    'http://[64:ff9b:1:7::169.254.169.254]',
    'http://[64:ff9b:1:a9fe:a9:fe00::]',
    'http://[::169.254.169.254]',
    'http://[::ffff:0:a9fe:a9fe]',
    'http://[2002:a9fe:a9fe::1]',
    'http://[fe80::1]:8080',
    'http://[fd00:ec2::254]',
    'https://100.100.100.200',
    'http://METADATA.google.internal./computeMetadata',
    'https://metadata.goog',
    '169.254.169.254:50051',
    'grpcs://[fe80::1%25eth0]:443',
    '[fe80::1%eth0]:443',
    'dns:///169.254.169.254:443',
    'ipv4:10.0.0.1:443,169.254.169.254:443',
    'ipv6:[fe80::1]:443',
  ])('are refused: %s', (endpoint) => {
    expect(verdictOf(endpoint)).toBe('refused');
    expect(verdictOf(endpoint, { onlyContract: true })).toBe('refused');
  });

  it.each(['unix:x@169.254.169.254', 'dns:x@169.254.169.254', 'unix:80@169.254.169.254:80', 'ipv4:1@169.254.169.254'])(
    'are seen where HTTP sees them, in what would mean something else to gRPC: %s',
    (endpoint) => expect(verdictOf(endpoint, { isGrpc: false })).toBe('refused'),
  );

  it('are called when the policy names the host, and only then', () => {
    expect(verdictOf('http://169.254.169.254', { allowInternal: ['169.254.169.254'] })).toBe('free');
    expect(verdictOf('http://[fe80::1]', { allowInternal: ['[FE80::1]'] })).toBe('free');
    expect(verdictOf('http://metadata.google.internal', { allowInternal: ['Metadata.Google.Internal.'] })).toBe('free');
    expect(verdictOf('http://169.254.169.254', { allowInternal: ['169.254.169.253'] })).toBe('refused');
  });
});

describe('internal addresses', () => {
  it.each([
    'http://localhost:4101',
    'http://api.localhost',
    'http://127.0.0.1:4101',
    'http://0x7f.1',
    'http://0.0.0.0',
    'http://[::1]:1',
    'http://[::]',
    'http://[::ffff:10.1.2.3]',
    'http://10.255.0.1',
    'http://172.31.0.1',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://[fd12::1]',
    'http://198.18.0.1',
    'http://198.19.255.255',
    'http://224.0.0.1',
    'http://255.255.255.255',
    'http://[ff02::1]',
    'http://[64:ff9b:1::808:808]',
    'http://[::10.0.0.1]',
    'http://[2002:c0a8:101::1]',
    'localhost:50051',
    '10.0.0.1:50051',
  ])('are called when policy or .meshrc.yaml names them, not when the contract alone does: %s', (endpoint) => {
    expect(verdictOf(endpoint)).toBe(/[a-z]host/.test(endpoint) ? 'guarded' : 'free');
    expect(verdictOf(endpoint, { onlyContract: true })).toBe('refused');
    const [, host = ''] = /^(?:http:\/\/)?(\[.*\]|[^:/]+)/.exec(endpoint) ?? [];
    expect(verdictOf(endpoint, { onlyContract: true, allowInternal: [host] })).toBe('free');
  });

  it.each([
    'http://172.32.0.1',
    'http://8.8.8.8',
    'http://[2001:db8::1]',
    'unix:/run/a.sock',
    'http://198.20.0.1',
    'http://223.0.0.1',
    'http://[2002:808:808::1]',
    'http://[::ffff:8.8.8.8]',
    'http://[64:ff9b::808:808]',
  ])('are not all others: %s', (endpoint) => expect(verdictOf(endpoint, { onlyContract: true })).toBe('free'));

  it('may be what other names stand for, which is judged when they are resolved', () => {
    expect(verdictOf('https://api.example.com', { onlyContract: true })).toBe('guarded');
    expect(verdictOf('my_service:50051')).toBe('guarded');
  });
});

describe('a name', () => {
  const guardOf = (answers: () => readonly string[], rest: Partial<GuardOptions> = {}) => {
    const { state, resolve } = resolver(answers);
    const options = { source: 'shop', endpoint: 'http://api.example', allowInternal: [], now: () => 0, ...rest };
    const guard = createGuard(options, resolve);
    if (!guard) throw new Error('nothing is guarded');
    const found = (all: boolean) =>
      new Promise((done, reject) =>
        guard.lookup('api.example', { all }, (error, address) => (error ? reject(error) : done(address))),
      );
    return { state, guard, found };
  };

  it('is connected to at good addresses alone', async () => {
    const { found } = guardOf(() => ['169.254.169.254', '8.8.8.8', 'fe80::1%eth0']);
    expect(await found(true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await found(false)).toBe('8.8.8.8');
  });

  it('that stands for nothing else is refused, and only the log learns why', async () => {
    const { found, guard } = guardOf(() => ['169.254.169.254']);
    for (const attempt of [found(true), found(false), guard.check()]) {
      const error = await failureOf(attempt);
      expect(error.code).toBe('SOURCE_UNAVAILABLE');
      expect(publicText(error)).not.toMatch(/169|metadata|example/);
      expect(error.cause).toMatch(/^api\.example is 169\.254\.169\.254\. .*endpoints\.allowInternal/);
    }
  });

  it('that only the contract gives is refused when it is internal, unless the policy names it or its address', async () => {
    const answers = () => ['192.168.0.7'];
    expect(await guardOf(answers).found(false)).toBe('192.168.0.7');
    await failureOf(guardOf(answers, { onlyContract: true }).found(false));
    expect(await guardOf(answers, { onlyContract: true, allowInternal: ['192.168.0.7'] }).found(false)).toBe(
      '192.168.0.7',
    );
  });

  it('whose meaning changes is judged anew: by each connection, or after thirty seconds', async () => {
    const clock = createFakeClock();
    let addresses = ['8.8.8.8'];
    const { state, guard, found } = guardOf(() => addresses, { now: clock.now });
    await found(false);
    await Promise.all([guard.check(), guard.check()]);
    addresses = ['8.8.8.8', '169.254.169.254'];
    expect(state.asked).toBe(2);
    await guard.check();
    clock.advance(30_000);
    await failureOf(guard.check());
    expect(state.asked).toBe(3);
    addresses = ['169.254.169.254'];
    await failureOf(found(false));
  });
});

describe('a name that cannot be resolved', () => {
  it('is let through and judged anew by the next call, while those that ask at once share one question', async () => {
    let isThere = false;
    let asked = 0;
    const resolve = ((_host: string, _options: object, done: (error: Error | null, found: LookupAddress[]) => void) => {
      asked += 1;
      if (isThere) done(null, [{ address: '169.254.169.254', family: 4 }]);
      else done(new Error('ENOTFOUND'), []);
    }) as unknown as typeof lookup;
    const options = { source: 'shop', endpoint: 'api.example:1', isGrpc: true, allowInternal: [], now: () => 0 };
    const guard = createGuard(options, resolve);
    await Promise.all([guard?.check(), guard?.check()]);
    expect(asked).toBe(1);
    isThere = true;
    expect((await failureOf(Promise.resolve(guard?.check()))).code).toBe('SOURCE_UNAVAILABLE');
    expect(asked).toBe(2);
  });
});

describe('transports', () => {
  it('of HTTP connect where the guard says, and fail as it does', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    const { port } = new URL(upstream.url);
    let addresses = ['127.0.0.1'];
    const { resolve } = resolver(() => addresses);
    const endpoint = `http://api.example:${port}`;
    const guard = createGuard({ source: 'shop', endpoint, allowInternal: [], now: () => 0 }, resolve);
    const request = { method: 'GET', path: '/x', headers: new Map(), body: undefined };
    const { signal } = new AbortController();
    const bounds = { source: 'shop', endpoints: [endpoint], maxBodyBytes: 100, guard };
    await using transport = createHttpTransport(bounds);
    expect((await transport.send(request, signal)).status).toBe(200);
    addresses = ['169.254.169.254'];
    await using other = createHttpTransport(bounds);
    const error = await failureOf(other.send(request, signal));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(upstream.requests.length).toBe(1);
  });

  it('of gRPC make no call while the name stands for what must not be called', async () => {
    const { resolve } = resolver(() => ['169.254.169.254']);
    const guard = createGuard({ source: 'shop', endpoint: 'api.example:1', allowInternal: [], now: () => 0 }, resolve);
    await using transport = createGrpcTransport({
      source: 'shop',
      endpoints: ['api.example:1'],
      maxBodyBytes: 100,
      guard,
    });
    const request = { path: '/p.S/Get', headers: new Map(), remainingMs: 1000 };
    const { signal } = new AbortController();
    expect((await failureOf(transport.send({ ...request, message: Buffer.alloc(0) }, signal))).code).toBe(
      'SOURCE_UNAVAILABLE',
    );
    expect((await failureOf(transport.exchange({ ...request, messages: [] }, signal).next())).code).toBe(
      'SOURCE_UNAVAILABLE',
    );
  });
});
