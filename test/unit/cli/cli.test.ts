import { describe, expect, it } from 'vitest';
import { readText } from '../../repository.ts';
import { run } from './kit.ts';

describe('tributary', () => {
  it('shows its commands', async () => {
    for (const argv of [['--help'], ['-h'], ['help']]) {
      const { code, out } = await run(argv);
      expect(code).toBe(0);
      for (const name of ['serve', 'check', 'schema', 'explain', 'source'])
        expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  it('without a command shows the same, as wrong usage', async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: tributary <command>');
  });

  it('shows the version of the package', async () => {
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each(['serve', 'check', 'schema', 'explain', 'source'])(
    '%s explains itself, with every option and an example',
    async (name) => {
      const { code, out } = await run([name, '--help']);
      expect(code).toBe(0);
      expect(out).toContain(`Usage: tributary ${name}`);
      expect(out).toMatch(/^ {2}--dir DIR +\S/m);
      expect(out).toMatch(new RegExp(`^Examples:\n  .*tributary ${name}`, 'm'));
      expect(await run(['help', name])).toEqual({ code, out, err: '' });
    },
  );

  it.each([
    [['serv'], 'there is no command "serv": did you mean "serve"?'],
    [['conquer'], 'there is no command "conquer": the commands are serve, check, schema, explain, key, cost, source'],
    [['serve', '--port', '1'], "Unknown option '--port'"],
    [['serve', 'here'], '"here" is too much: serve takes options only'],
    [['serve', '--dir'], "Option '--dir <value>' argument missing"],
    [['schema', '--check', '--write'], '--check and --write exclude each other'],
    [['explain'], 'explain wants one GraphQL document'],
    [['explain', '{ a }', '{ b }'], 'explain wants one GraphQL document'],
    [['explain', '{ a }', '--variables', '[1]'], '--variables wants a JSON object'],
    [['explain', '{ a }', '--variables', '{'], '--variables wants a JSON object'],
    [['explain', '{ a }', '--header', 'accept'], '--header wants NAME=VALUE, not "accept"'],
    [['explain', '{ a }', '--gateway', 'here'], '--gateway wants a URL, not "here"'],
    [['source'], 'source wants one of add, update, rm, list, show, diff, rollback, promote, state'],
    [['source', 'add'], 'source add wants CONTRACT'],
    [['source', 'rm', 'a', 'b'], '"b" is too much: source rm takes NAME'],
    [['source', 'rollback', 'a'], 'source rollback wants --gateway URL: versions of the project folder are git’s'],
    [
      ['source', 'list', '--gateway', 'http://127.0.0.1:1'],
      '--gateway needs --token, or TRIBUTARY_TOKEN in the environment',
    ],
    [
      ['source', 'rm', 'a', '--force'],
      '--force goes with --gateway: changes of the project folder are reviewed in git',
    ],
    [
      ['source', 'state', 'a', 'tired', '--gateway', 'http://x', '--token', 'x'],
      'a state is one of active, deprecated, quarantined',
    ],
  ])('%j is wrong usage: %s', async (argv, message) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(`tributary: ${message}\nTry: tributary --help\n`);
  });

  it('tells faults of a project one by one, with exit code 1 and no stack', async () => {
    const { code, err } = await run(['check', '--dir', 'nowhere']);
    expect(code).toBe(1);
    expect(err).toBe('.meshrc.yaml does not exist: it lists the sources, at least `sources: []`\n');
    const json = await run(['check', '--dir', 'nowhere', '--json']);
    expect([json.code, json.err]).toEqual([1, '']);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, faults: [expect.stringContaining('does not exist')] });
  });

  it('ends with 70 on a fault of its own, with the stack only at LOG_LEVEL=debug', async () => {
    const out = (): void => {
      throw new TypeError('no paper');
    };
    const plain = await run(['--version'], { out });
    expect([plain.code, plain.err]).toEqual([70, 'tributary: no paper\n']);
    const debug = await run(['--version'], { out, env: { LOG_LEVEL: 'debug' } });
    expect(debug.err).toMatch(/TypeError: no paper\n +at /);
  });
});
