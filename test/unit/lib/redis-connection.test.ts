import { inspect } from 'node:util';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/config/secret.ts';
import { createScript, openRedis, plainRedisError } from '../../../gateway/lib/redis-connection.ts';
import { type OwnRedis, startRedis } from '../../kit/redis.ts';
import { findProgram } from '../../kit/software.ts';
import { until } from '../../kit/until.ts';

const program = findProgram('redis-server', 'redis-server') ?? '';
const PASSWORD = 'correct-horse';

describe.runIf(program !== '')('a connection to Redis', () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis(program, ['--requirepass', PASSWORD]);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  function open(password: string, faults: unknown[] = [], timeoutMs = 200) {
    const url = new Secret(`redis://:${password}@127.0.0.1:${redis.port}`);
    return openRedis({ url, timeoutMs }, (fault) => faults.push(fault));
  }

  it('says when it can be used, and when not, without the password', async () => {
    const faults: unknown[] = [];
    await using good = open(PASSWORD, faults, 5000);
    expect(await good.ready()).toBe(true);
    expect(await good.ready()).toBe(true);
    expect(faults).toEqual([]);
    await using bad = open('wrong-password', faults);
    expect(await bad.ready()).toBe(false);
    await until(() => faults.length > 0);
    expect(inspect(faults, { depth: 9 })).toContain('WRONGPASS');
    expect(inspect(faults, { depth: 9, showHidden: true })).not.toContain('wrong-password');
  });

  it('lets nothing pile up while Redis is silent', async () => {
    const faults: unknown[] = [];
    await using connection = open(PASSWORD, faults);
    await until(() => connection.ready());
    const client = connection.client as Redis;
    redis.freeze();
    try {
      let rejected = 0;
      while (faults.length === 0) {
        await Promise.allSettled(Array.from({ length: 100 }, () => client.set('key', 'x'))).then((ends) => {
          rejected += ends.filter(({ status }) => status === 'rejected').length;
        });
      }
      expect(rejected).toBeGreaterThan(0);
      await until(() => client.commandQueue.length === 0);
      await expect(client.set('key', 'x')).rejects.toThrow();
    } finally {
      redis.thaw();
    }
    await until(async () => (await client.get('key').catch(() => undefined)) !== undefined);
  });

  it('runs scripts by their hash, also after Redis forgot them', async () => {
    await using connection = open(PASSWORD, [], 5000);
    await connection.ready();
    const script = createScript(connection.client, 'return {KEYS[1], ARGV[1]}');
    for (let times = 0; times < 2; times += 1) {
      expect(await script(['key'], [7])).toEqual(['key', '7']);
      await connection.client.script('FLUSH');
    }
    await expect(createScript(connection.client, 'return nonsense(')([], [])).rejects.toThrow(/compiling/);
  });

  it('hears what is published, and that it may have missed something, until it leaves', async () => {
    await using connection = open(PASSWORD, [], 5000);
    await connection.ready();
    let heard = 0;
    const leave = connection.subscribe('channel', () => (heard += 1));
    await until(() => heard === 1);
    await connection.client.publish('channel', 'x');
    await until(() => heard === 2);
    await connection.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => heard === 3);
    leave();
    await until(async () => (await connection.client.publish('channel', 'x')) === 0);
    expect(heard).toBe(3);
  });
});

it('errors keep what they say and nothing of what was sent', () => {
  const error = Object.assign(new Error('WRONGPASS no'), {
    command: { name: 'hello', args: ['3', 'AUTH', 'u', 'pw'] },
  });
  expect(inspect(plainRedisError(error))).not.toContain('pw');
  expect(plainRedisError(error).message).toBe('WRONGPASS no');
  const several = new AggregateError([
    new Error('connect ECONNREFUSED ::1:6379'),
    new Error('connect ECONNREFUSED 127.0.0.1:6379'),
  ]);
  expect(plainRedisError(several).message).toBe('connect ECONNREFUSED ::1:6379 connect ECONNREFUSED 127.0.0.1:6379');
});
