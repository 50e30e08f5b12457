/** A gateway as a process, with clients that ask all the while: what the proofs about imports share. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../gateway/cli/index.ts';
import { type GatewayProcess, startGatewayProcess } from '../../kit/gateway-process.ts';
import type { Round } from './asking.ts';

const TOKEN = 'import-proof-import-proof';
const CONTRACT = `openapi: 3.0.3
info: { title: customers, version: '1' }
paths:
  /customers:
    get:
      operationId: customers
      parameters: [{ name: ids, in: query, required: true, explode: false, schema: { type: array, items: { type: string } } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Customer' } } } } } }
components:
  schemas:
    Customer: { type: object, properties: { id: { type: string }, name: { type: string } } }
`;

export type BenchOptions = {
  clients: number;
  /** Time between two requests of a client, in ms. */
  thinkMs: number;
  /** `gateway.yaml`. */
  settings: string;
  /** The built program in place of the sources. */
  program?: string | undefined;
};

export type Answer = { status: number; body: Record<string, unknown> };

export type Bench = AsyncDisposable & {
  readonly gateway: GatewayProcess;
  /** Where the source of the clients is. */
  readonly endpoint: string;
  /** Sends to the API of sources; a text and bytes are sent as they are. */
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<Answer>;
  /** Lets clients ask as long as the work takes. */
  during(work: () => Promise<unknown>): Promise<Round & { ms: number }>;
};

export async function openBench({ clients, thinkMs, settings, program }: BenchOptions): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-import-'));
  const asking = fork(fileURLToPath(new URL('asking.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  let gateway: GatewayProcess | undefined;
  const close = async (): Promise<void> => {
    await gateway?.stop();
    asking.kill();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const { endpoint } = (await heard(asking)) as { endpoint: string };
    await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
    await writeFile(join(dir, 'gateway.yaml'), settings);
    await writeFile(join(dir, 'customers.yaml'), CONTRACT);
    await addLocally(dir, endpoint);
    const started = await startGatewayProcess(['--dir', dir], { TRIBUTARY_TOKEN: TOKEN, LOG_LEVEL: 'info' }, program);
    gateway = started;
    return {
      gateway: started,
      endpoint,
      async send(method, path, body) {
        const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
        return await sendPatiently(method, `${started.admin}/api/v1${path}`, sent);
      },
      async during(work) {
        asking.send({ url: started.graphql, clients, thinkMs });
        const startedAt = performance.now();
        await work();
        const ms = performance.now() - startedAt;
        const round = heard(asking);
        asking.send('end');
        return { ...((await round) as Round), ms };
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** However long the answer takes: a machine that does much else builds slowly. */
function sendPatiently(method: string, url: string, body: string | Buffer): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      // What is too large is answered before all of it was sent.
      sent.destroy();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    sent.on('error', reject);
    sent.on('socket', (socket) => socket.on('error', reject));
    sent.end(body);
  });
}

async function heard(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

async function addLocally(dir: string, endpoint: string): Promise<void> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await runCli({
    argv: ['source', 'add', './customers.yaml', '--endpoint', endpoint],
    env: {},
    cwd: dir,
    isTerminal: false,
    out: say,
    err: say,
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
  });
  if (code !== 0) throw new Error(said);
}
