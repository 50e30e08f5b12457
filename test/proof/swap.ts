/**
 * `npm run test:swap`: registrations one after another while clients ask and subscribe, at a gateway that is a process of its own. The last line
 * holds registrations, requests, what was lost, how much the slowest hundredth grew, and the heap before and after.
 *
 *   --registrations N   how many (200)
 *   --clients N         how many ask at a time (8)
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCli } from '../../gateway/cli/index.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { collecting, heapOf } from './collected.ts';

const TOKEN = 'swap-proof-swap-proof';
const THINK_MS = 5;
/** Registrations before the heap is looked at first. */
const WARM_UP = 20;
const QUERY = '{ customers(ids: ["c1", "c2"]) { id name } }';
const EXPECTED = '{"data":{"customers":[{"id":"c1","name":"n"},{"id":"c2","name":"n"}]}}';

export type SwapFigures = {
  registrations: number;
  requests: number;
  /** Requests that were not answered as they should be, and subscriptions that ended without a coded message. */
  lost: string[];
  /** Slowest hundredth while registrations go on, as a multiple of before. */
  p99Ratio: number;
  heapBefore: number;
  heapAfter: number;
};

export async function proveSwap({
  registrations,
  clients,
  program,
}: {
  registrations: number;
  clients: number;
  /** The built program in place of the sources. */
  program?: string;
}): Promise<SwapFigures> {
  const upstream = createServer((request, response) => {
    const ids = new URL(request.url ?? '', 'http://x').searchParams.get('ids')?.split(',') ?? [];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(ids.map((id) => ({ id, name: 'n' }))));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const dir = await mkdtemp(join(tmpdir(), 'tributary-swap-'));
  let gateway: GatewayProcess | undefined;
  try {
    await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
    // A machine that does much else is slow, and that is not what is measured.
    await writeFile(join(dir, 'gateway.yaml'), 'build: { maxMs: 600000, niceness: 0 }\n');
    await writeFile(join(dir, 'customers.yaml'), contractOf('customers', 'customers', 0));
    await local(dir, 'source', 'add', './customers.yaml', '--endpoint', endpoint);
    gateway = await startGatewayProcess(['--dir', dir], { TRIBUTARY_TOKEN: TOKEN, ...collecting }, program);
    return await measure(gateway, endpoint, registrations, clients);
  } finally {
    await gateway?.stop();
    upstream.closeAllConnections();
    upstream.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(
  gateway: GatewayProcess,
  endpoint: string,
  registrations: number,
  clients: number,
): Promise<SwapFigures> {
  const lost: string[] = [];
  // The first ones bring code into memory, and as many versions as are kept; what comes after has to give back what it takes.
  const warming = startLoad(gateway.graphql, clients, lost);
  for (let n = 0; n <= WARM_UP; n += 1) await register(gateway, endpoint, n);
  await warming.stop();
  const quiet = startLoad(gateway.graphql, clients, lost);
  await wait(3000);
  const before = await quiet.stop();
  const heapBefore = await heapOf(gateway);
  const busy = startLoad(gateway.graphql, clients, lost);
  for (let n = 1; n <= registrations; n += 1) await register(gateway, endpoint, WARM_UP + n);
  const during = await busy.stop();
  const heapAfter = await heapOf(gateway);
  return {
    registrations,
    requests: before.length + during.length,
    lost,
    p99Ratio: Math.round((percentile(during, 0.99) / percentile(before, 0.99)) * 100) / 100,
    heapBefore,
    heapAfter,
  };
}

/** A source that is another each time: added, then brought up to date. */
async function register(gateway: GatewayProcess, endpoint: string, n: number): Promise<void> {
  const contract = { files: { 'openapi.yaml': contractOf('things', 'things', n) }, main: 'openapi.yaml' };
  const body = n === 0 ? { name: 'things', contract, endpoint } : { contract, force: true, reason: 'the proof' };
  const response = await fetch(`${gateway.admin}/api/v1/sources${n === 0 ? '' : '/things'}`, {
    method: n === 0 ? 'POST' : 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { applied?: boolean };
  if (answer.applied !== true)
    throw new Error(`registration ${n} was not made: ${JSON.stringify(answer).slice(0, 500)}`);
}

type Load = { stop(): Promise<number[]> };

function startLoad(url: string, clients: number, lost: string[]): Load {
  const times: number[] = [];
  let running = true;
  const asking = Array.from({ length: clients }, async () => {
    while (running) {
      const startedAt = performance.now();
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: QUERY }),
        });
        const text = await response.text();
        if (text !== EXPECTED) lost.push(`${response.status} ${text.slice(0, 200)}`);
      } catch (error) {
        lost.push(String(error));
      }
      times.push(performance.now() - startedAt);
      await wait(THINK_MS);
    }
  });
  return {
    async stop() {
      running = false;
      await Promise.all(asking);
      return times;
    },
  };
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function local(dir: string, ...args: string[]): Promise<void> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const io = {
    argv: args,
    env: {},
    cwd: dir,
    isTerminal: false,
    out: say,
    err: say,
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
  };
  if ((await runCli(io)) !== 0) throw new Error(said);
}

function contractOf(title: string, path: string, n: number): string {
  return `openapi: 3.0.3
info: { title: ${title}, version: '${n}' }
paths:
  /${path}:
    get:
      operationId: ${path}
      parameters: [{ name: ids, in: query, required: true, explode: false, schema: { type: array, items: { type: string } } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/${title}Row' } } } } } }
components:
  schemas:
    ${title}Row: { type: object, properties: { id: { type: string }, name: { type: string }, field${n}: { type: string } } }
`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { registrations: { type: 'string', default: '200' }, clients: { type: 'string', default: '8' } },
  });
  const program = fileURLToPath(new URL('../../dist/gateway/main.js', import.meta.url));
  const asked = { registrations: Number(values.registrations), clients: Number(values.clients) };
  const figures = await proveSwap({ ...asked, program });
  for (const line of figures.lost.slice(0, 10)) stdout.write(`lost: ${line}\n`);
  const { registrations, requests, lost, p99Ratio, heapBefore, heapAfter } = figures;
  const grown = heapAfter / heapBefore - 1;
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  stdout.write(
    `${registrations} registrations, ${requests} requests, ${lost.length} lost (bound 0), p99 ratio ${p99Ratio}, heap ${mb(heapBefore)} MB before, ${mb(heapAfter)} MB after (${(grown * 100).toFixed(1)} %, bound 10 %)\n`,
  );
  process.exitCode = lost.length === 0 && grown <= 0.1 ? 0 : 1;
}
