import { describe, expect, it } from 'vitest';
import { parseGatewayConfig } from '../../../gateway/config/load.ts';
import { faults, value } from './parse.ts';

const registryOf = (text: string) => value(parseGatewayConfig, text).registry;

describe('registry', () => {
  it('is a folder of the project without a word', () => {
    expect(registryOf('')).toEqual({
      kind: 'file',
      dir: '.tributary/registry',
      pollMs: 1000,
      keepRevisions: 1000,
      keepVersions: 20,
      bundleBytes: 33_554_432,
    });
  });

  it('may be on Redis, which has to be said how to reach', () => {
    const text = 'registry: { kind: redis, redis: { url: "${REDIS}" } }';
    const { redis } = value(parseGatewayConfig, text, { REDIS: 'rediss://:pw@redis:6380/1' }).registry;
    expect(redis?.url?.reveal()).toBe('rediss://:pw@redis:6380/1');
    expect(redis).toMatchObject({ prefix: 'tributary:registry:', timeoutMs: 3000 });
    expect(JSON.stringify(redis)).not.toContain('pw');
    expect(faults(parseGatewayConfig, 'registry: { kind: redis }')).toEqual([
      expect.stringContaining('registry.redis: is needed where kind is redis'),
    ]);
  });

  it('looks often enough to follow within two seconds', () => {
    expect(faults(parseGatewayConfig, 'registry: { pollMs: 2000 }')).toHaveLength(1);
  });
});

describe('how Redis is reached', () => {
  const callCache = (redis: string): string => `callCache: { redis: ${redis} }`;

  it('is by one URL, by Sentinels or as a Cluster', () => {
    const sentinel = 'sentinel: { name: main, sentinels: [{ host: a }, { host: b, port: 1 }], password: pw }';
    expect(value(parseGatewayConfig, callCache(`{ ${sentinel} }`)).callCache.redis).toMatchObject({
      prefix: 'tributary:calls:',
      timeoutMs: 250,
      sentinel: {
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 1 },
        ],
        tls: false,
        db: 0,
      },
    });
    const cluster = 'cluster: { nodes: [{ host: a }], username: u, tls: true }';
    expect(value(parseGatewayConfig, callCache(`{ ${cluster} }`)).callCache.redis).toMatchObject({
      cluster: { nodes: [{ host: 'a', port: 6379 }], username: 'u', tls: true },
    });
    expect(value(parseGatewayConfig, callCache('{ url: "redis://h" }')).callCache.redis?.url?.reveal()).toBe(
      'redis://h',
    );
  });

  it.each([
    ['{}', 'needs exactly one of url, sentinel and cluster'],
    ['{ url: "redis://h", cluster: { nodes: [{ host: a }] } }', 'needs exactly one of url, sentinel and cluster'],
    ['{ url: "http://h" }', 'must be a redis:// or rediss:// URL'],
    ['{ url: "redis://:hunter2@h:notaport" }', 'must be a redis:// or rediss:// URL'],
    ['{ cluster: { nodes: [] } }', 'at least 1'],
  ])('%s: %s', (redis, fault) => {
    const found = faults(parseGatewayConfig, callCache(redis));
    expect(found).toEqual([expect.stringContaining(fault)]);
    expect(String(found)).not.toContain('hunter2');
  });
});
