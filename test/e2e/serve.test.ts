/** The program as an operator meets it: started, signalled, given new sources under load, stopped. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtMain } from '../kit/build-program.ts';
import type { Project } from '../kit/project.ts';
import { endpointVariable, prepareProject, removeProjects, writeProject } from '../kit/project.ts';
import type { Upstream } from '../kit/upstream.ts';
import { startRest } from '../kit/upstream.ts';
import { root } from '../repository.ts';

const world = join(root, 'test/cases/worlds/styles');
const never = 'GET /matrix/;id=never';
const query = '{ simple(id: ["a"]) { ok } }';

type Line = Readonly<Record<string, unknown>>;
type Program = {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  readonly errors: () => string;
  /** Resolves with the first line that fits; rejects when the program ends before. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  readonly ended: Promise<number | null>;
};

const running = new Set<ChildProcess>();

function start(args: readonly string[], env: Record<string, string> = {}, file = builtMain): Program {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', ...env },
  });
  running.add(child);
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = `${rest}${chunk}`.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts.filter((text) => text.startsWith('{'))) lines.push(JSON.parse(part) as Line);
    for (const wake of waiting) wake();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return {
    child,
    lines,
    ended,
    errors: () => errors,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`the program ended: ${errors}\n${JSON.stringify(lines)}`)));
      }),
  };
}

const started = (program: Program) => program.line(({ msg }) => msg === 'gateway started');

async function ask(
  url: unknown,
  text: string,
): Promise<{ status: number; body: { data?: unknown; errors?: unknown } }> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  };
  const response = await fetch(String(url), init);
  return { status: response.status, body: (await response.json()) as { data?: unknown } };
}

let project: Project;
let upstream: Upstream;
let env: Record<string, string>;

beforeAll(async () => {
  const body = { ok: true };
  upstream = await startRest('api', [
    { request: 'GET /simple/a', answer: { body }, times: 1_000_000 },
    { request: 'GET /items', answer: { body: [{ id: 'i1', title: 'A' }] }, times: 1_000_000 },
    { request: never, answer: { never: true }, times: 10 },
  ]);
  project = await prepareProject(world);
  env = { [endpointVariable('api')]: upstream.endpoint };
}, 300_000);

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
});

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await removeProjects();
});

describe('tributary serve', () => {
  it.each([
    ['from a checkout', join(root, 'bin/tributary.js')],
    ['as it is shipped', builtMain],
  ])('says where it listens, answers, and is ready (%s)', async (_, file) => {
    const program = start(['serve', '--dir', project.dir], env, file);
    const { graphql, admin } = await started(program);
    expect(await ask(graphql, query)).toEqual({ status: 200, body: { data: { simple: { ok: true } } } });
    const ready = await fetch(`${admin}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      {
        ready: true,
        sources: [
          { name: 'api', state: 'serving' },
          { name: 'old', state: 'serving' },
        ],
      },
    ]);
    expect(await (await fetch(`${admin}/metrics`)).text()).toMatch(/^tributary_operations_total\{.*outcome="ok"\} 1$/m);
    const line = await program.line(({ msg }) => msg === 'operation');
    expect(line).toMatchObject({ level: 'info', calls: 1, kind: 'query' });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends on %s with 0, after the requests in flight', async (signal) => {
    const program = start(['serve', '--dir', project.dir], env);
    const { graphql } = await started(program);
    const before = upstream.ledger.calls();
    const init = { method: 'POST', body: '{"query":"{ matrix(id: [\\"never\\"]) { ok } }"}' };
    const slow = fetch(String(graphql), {
      ...init,
      headers: { 'content-type': 'application/json', 'x-request-timeout-ms': '1500' },
    });
    while (upstream.ledger.calls() === before) await nextTurn();
    program.child.kill(signal);
    const answer = await slow;
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] });
    expect(await program.ended).toBe(0);
    expect(program.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 0 });
  });

  it('tells all faults of gateway.yaml with their lines, and does not start', async () => {
    const own = await writeProject(world);
    await writeFile(join(own.dir, 'gateway.yaml'), 'listen:\n  prt: 1\nlimits: { bodyBytes: -1 }\n');
    const program = start(['serve', '--dir', own.dir], env);
    expect(await program.ended).toBe(1);
    expect(program.errors()).toMatch(/^gateway\.yaml:2:3 listen\.prt: unknown key/m);
    expect(program.errors()).toMatch(/^gateway\.yaml:3:\d+ limits\.bodyBytes: must be at least 1/m);
    await rm(own.dir, { recursive: true });
  });

  it('names a port that is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const program = start(['serve', '--dir', project.dir], { ...env, PORT: String(port) });
    expect(await program.ended).toBe(1);
    expect(program.errors()).toBe(
      `tributary: 127.0.0.1:${port} is in use: stop what listens there, or set PORT and ADMIN_PORT to others\n`,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  it('waits for a project that cannot be built yet, and takes it up on SIGHUP', async () => {
    const own = await writeProject(world);
    const meshrc = join(own.dir, '.meshrc.yaml');
    await writeFile(meshrc, 'sources: [{ name: api }]\n');
    const program = start(['serve', '--dir', own.dir], env);
    const { graphql, admin } = await started(program);
    expect((await ask(graphql, query)).status).toBe(503);
    expect((await fetch(`${admin}/health/ready`)).status).toBe(503);
    const good = await writeProject(world);
    await rm(own.dir, { recursive: true });

    await rename(good.dir, own.dir);
    program.child.kill('SIGHUP');
    await program.line(({ msg }) => msg === 'generation swapped in');
    expect(await ask(graphql, query)).toMatchObject({ status: 200, body: { data: { simple: { ok: true } } } });
    await rm(own.dir, { recursive: true });
  }, 120_000);
});
