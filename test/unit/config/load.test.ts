import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  loadGatewayConfig,
  loadMeshrc,
  loadPolicy,
  parseGatewayConfig,
  parsePolicy,
} from '../../../gateway/config/load.ts';
import { maxFileBytes } from '../../../gateway/config/parse.ts';
import { defaultPolicy } from '../../../gateway/config/policy.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import { faults, value } from './parse.ts';

describe('gateway.yaml', () => {
  it('needs no key at all', () => {
    expect(value(parseGatewayConfig, '')).toMatchObject({
      listen: { port: 4000 },
      admin: { host: '127.0.0.1', port: 4001 },
      deadline: { defaultMs: 30_000, maxMs: 60_000 },
      watch: false,
      log: { level: 'info', pretty: 'auto' },
    });
  });

  it('shows all faults at once, with line, column, path and what is allowed', () => {
    const text = [
      'listen:',
      '  prot: 4000',
      '  port: 70000',
      'limits: { bodyByte: 5 }',
      'log:',
      '  level: loud',
      'deadline: { defaultMs: 900, maxMs: 5 }',
      'headers: { forward: [X-Trace, host, "a b"] }',
      'watch: yes',
      'graphiql: []',
      'drainMs: 1.5',
    ].join('\n');
    expect(faults(parseGatewayConfig, text)).toEqual([
      'file.yaml:2:3 listen.prot: unknown key; did you mean "port"? (allowed here: host, port, tls)',
      'file.yaml:3:9 listen.port: must be at most 65535 (0 to 65535)',
      'file.yaml:4:11 limits.bodyByte: unknown key; did you mean "bodyBytes"? (allowed here: bodyBytes, uploadBytes, uploadFiles, upstreamBodyBytes, maxCallsPerOperation, maxCallsPerSource)',
      'file.yaml:6:10 log.level: must be one of fatal, error, warn, info, debug, trace, silent',
      'file.yaml:7:24 deadline.defaultMs: must not be above deadline.maxMs',
      'file.yaml:8:31 headers.forward.1: belongs to the connection and cannot be used here',
      'file.yaml:8:37 headers.forward.2: must be a header name',
      'file.yaml:9:8 watch: must be true or false',
      'file.yaml:10:11 graphiql: must be a map of keys',
      'file.yaml:11:10 drainMs: must be a whole number (1 to 3600000)',
    ]);
  });

  it('lets the environment win, and blames the environment', () => {
    const env = { PORT: '8080', HOST: '::1', ADMIN_PORT: '0', LOG_LEVEL: 'debug' };
    const config = value(parseGatewayConfig, 'listen: { port: 1 }\nlog: { level: error }', env);
    expect(config).toMatchObject({ listen: { port: 8080, host: '::1' }, admin: { port: 0 }, log: { level: 'debug' } });
    expect(faults(parseGatewayConfig, 'listen: { port: 1 }', { PORT: 'http' })).toEqual([
      'environment PORT: must be a whole number (0 to 65535)',
    ]);
  });
});

describe('environment in values', () => {
  it('gives numbers and booleans their type, keeps quoted text text', () => {
    const text = 'listen:\n  port: ${P}\n  host: "${H:1}"\nwatch: ${W:true}\ngraphiql: { title: "a ${T} b $${T}" }';
    expect(value(parseGatewayConfig, text, { P: '81', T: 'x' })).toMatchObject({
      listen: { port: 81, host: '1' },
      watch: true,
      graphiql: { title: 'a x b ${T}' },
    });
  });

  it('names every variable that is missing, with its line', () => {
    expect(faults(parseGatewayConfig, 'listen:\n  host: ${A}\nadmin:\n  host: x${B}', { B: '' })).toEqual([
      'file.yaml:2:9 needs the environment variable A, which is not set',
      'file.yaml:4:9 needs the environment variable B, which is not set',
    ]);
  });

  it('refuses what only looks like a variable', () => {
    expect(faults(parseGatewayConfig, 'graphiql: { title: "${a.b}" }')[0]).toContain('is not ${NAME}');
  });

  it('does not expand what a variable holds', () => {
    expect(value(parseGatewayConfig, 'graphiql: { title: "${A}" }', { A: '${B}' }).graphiql.title).toBe('${B}');
  });

  it('never prints a value in a fault', () => {
    const text =
      'owner: [${S}]\nheaders: { set: { a: [${S}], "b c": ${S} } }\nendpoints: { static: ["${S}"] }\ndeadlineMs: ${S}';
    const printed = faults(parsePolicy, text, { S: 'hunter2' });
    expect(printed.length).toBeGreaterThanOrEqual(5);
    expect(printed.join()).not.toContain('hunter2');
  });
});

describe('hostile and broken YAML', () => {
  it('reports syntax with its line', () => {
    expect(faults(parseGatewayConfig, 'listen: [1\nadmin: 2')[0]).toMatch(/^file\.yaml:2:\d+ is not valid YAML: /);
  });

  it('reports a key that stands twice, and __proto__', () => {
    expect(faults(parseGatewayConfig, 'watch: true\nwatch: false\n__proto__: {}')).toEqual([
      'file.yaml:2:1 this key stands here twice',
      'file.yaml:3:1 this key is not allowed',
    ]);
  });

  it('refuses aliases that multiply', () => {
    const lists = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`).join('\n');
    expect(faults(parseGatewayConfig, `l0: &l0 [x]\n${lists}`)[0]).toContain('expands more than 50 aliases');
  });

  it('accepts an alias or two', () => {
    const policy = value(parsePolicy, 'names: { types: &n { A: B } , fields: {} , operations: *n }');
    expect(policy.names.operations).toEqual({ A: 'B' });
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['indentation', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses %s without end before parsing them', (_, text) => {
    expect(faults(parseGatewayConfig, text)[0]).toContain('is nested deeper than');
  });

  it('reads a file of many keys in bounded time', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n');
    const printed = faults(parseGatewayConfig, text);
    expect(printed).toHaveLength(101);
    expect(printed.at(-1)).toBe('… and 19900 more');
  });

  it.each(['3', 'text', '[]', '? [a]\n: 1'])('wants a map of keys: %j', (text) => {
    expect(faults(parseGatewayConfig, text)).toHaveLength(1);
  });
});

describe('files', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tributary-config-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('takes defaults where gateway.yaml and policy.yaml are missing, but wants .meshrc.yaml', async () => {
    expect(await loadGatewayConfig({ dir, env: {} })).toMatchObject({ ok: true });
    expect(await loadPolicy({ dir, env: {}, source: 'a' })).toEqual({ ok: true, value: defaultPolicy() });
    expect(await loadMeshrc({ dir, env: {} })).toMatchObject({ ok: false, faults: [{ file: '.meshrc.yaml' }] });
  });

  it('reads the file that TRIBUTARY_CONFIG names, which then has to exist', async () => {
    await writeFile(join(dir, 'other.yaml'), 'listen: { port: 5 }');
    const named = await loadGatewayConfig({ dir, env: { TRIBUTARY_CONFIG: 'other.yaml' } });
    expect(named).toMatchObject({ ok: true, value: { listen: { port: 5 } } });
    const absolute = await loadGatewayConfig({ dir, env: { TRIBUTARY_CONFIG: join(dir, 'other.yaml') } });
    expect(absolute).toEqual(named);
    const gone = await loadGatewayConfig({ dir, env: { TRIBUTARY_CONFIG: 'gone.yaml' } });
    expect(gone).toMatchObject({ ok: false, faults: [{ file: 'gone.yaml' }] });
  });

  it('refuses a file above the limit and a folder', async () => {
    await writeFile(join(dir, 'gateway.yaml'), '#'.repeat(maxFileBytes + 1));
    expect(await loadGatewayConfig({ dir, env: {} })).toMatchObject({
      ok: false,
      faults: [{ message: `is larger than ${maxFileBytes} bytes` }],
    });
    await mkdir(join(dir, '.meshrc.yaml'));
    expect(await loadMeshrc({ dir, env: {} })).toMatchObject({
      ok: false,
      faults: [{ message: 'cannot be read (EISDIR)' }],
    });
  });
});

it('a secret shows itself in no way but reveal', () => {
  const secret = new Secret('hunter2');
  expect(
    [`${secret}`, String(secret), JSON.stringify({ secret }), inspect(secret), secret.toString()].join(),
  ).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});
