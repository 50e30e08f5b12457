/**
 * `npm run proof:poison`: contracts that are made to harm are registered while clients ask. One line each: whether it was refused, how long
 * that took, how many requests were lost meanwhile, and the reason. The exit code is 1 when one got another answer, a reference was followed,
 * or a request was lost.
 *
 *   --clients N   how many ask at a time (8), each 50 times a second at most
 *   a part of a title after it takes only those
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Answer, openBench, percentile } from './import/bench.ts';
import { type Poison, poisons } from './import/poisons.ts';

/** Room for what is deep but not large: it shall be refused for what it is, and not since a busy machine left a build that stands back no time. */
const SETTINGS =
  'registration: { maxUploadBytes: 67108864, allowInternal: ["127.0.0.1"] }\nbuild: { maxContractBytes: 67108864, niceness: 0 }\n';
const THINK_MS = 20;
const MB = Buffer.alloc(1_048_576, 'x');

export type PoisonFigure = {
  title: string;
  status: number;
  code: string;
  reason: string;
  seconds: number;
  requests: number;
  lost: string[];
  p99: number;
  isAsExpected: boolean;
};

export async function provePoison({
  chosen,
  clients,
  program,
  told = () => undefined,
}: {
  chosen: readonly Poison[];
  clients: number;
  program?: string;
  told?: (figure: PoisonFigure) => void;
}): Promise<{ figures: PoisonFigure[]; strayed: string[] }> {
  const strayed: string[] = [];
  const served = createServer((request, response) => {
    if (request.url !== '/100mb/openapi.json') strayed.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    let left = 100;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(MB)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(served.address() as AddressInfo).port}`;
  try {
    await using bench = await openBench({ clients, thinkMs: THINK_MS, settings: SETTINGS, program });
    const figures: PoisonFigure[] = [];
    for (const [index, poison] of chosen.entries()) {
      const body = JSON.stringify({
        name: `poison${index}`,
        endpoint: bench.endpoint,
        ...(poison.body(address) as object),
      });
      let answered: Answer = { status: 0, body: {} };
      const round = await bench.during(async () => {
        answered = await bench.send('POST', '/sources', body);
      });
      const figure = toFigure(poison, answered, round);
      figures.push(figure);
      told(figure);
    }
    return { figures, strayed };
  } finally {
    served.closeAllConnections();
    served.close();
  }
}

function toFigure(
  { title, expect }: Poison,
  { status, body }: Answer,
  { ms, times, lost }: { ms: number; times: number[]; lost: string[] },
): PoisonFigure {
  const isTaken = body['applied'] === true;
  const [first] =
    (body['report'] as { fallbacks?: { pointer: string; reason: string }[] } | undefined)?.fallbacks ?? [];
  const setAside = isTaken && first !== undefined;
  const code = setAside ? 'set aside' : isTaken ? 'harmless' : String(body['code'] ?? status);
  const told = setAside ? `${first.pointer} ${first.reason}` : (String(body['detail'] ?? '').split('\n')[0] ?? '');
  const reason = code === 'harmless' ? 'nothing of it is ever run' : told;
  return {
    title,
    status,
    code,
    reason,
    seconds: ms / 1000,
    requests: times.length,
    lost,
    p99: percentile(times, 0.99),
    isAsExpected: code === expect,
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { clients: { type: 'string', default: '8' } },
    allowPositionals: true,
  });
  const program = fileURLToPath(new URL('../../dist/gateway/main.js', import.meta.url));
  const chosen = poisons.filter(({ title }) => positionals.every((part) => title.includes(part)));
  const { figures, strayed } = await provePoison({
    chosen,
    clients: Number(values.clients),
    program,
    told: ({ title, status, code, reason, seconds, requests, lost, p99, isAsExpected }) =>
      void stdout.write(
        `${isAsExpected ? ' ' : '!'} ${title}: ${status} ${code}, ${seconds.toFixed(1)} s, ${requests} requests, ${lost.length} lost, p99 ${p99.toFixed(0)} ms\n    ${reason.slice(0, 200)}\n`,
      ),
  });
  for (const line of figures.flatMap(({ lost }) => lost).slice(0, 10)) stdout.write(`lost: ${line}\n`);
  for (const path of strayed) stdout.write(`asked for: ${path}\n`);
  const lost = figures.reduce((sum, figure) => sum + figure.lost.length, 0);
  const requests = figures.reduce((sum, figure) => sum + figure.requests, 0);
  const other = figures.filter(({ isAsExpected }) => !isAsExpected).length;
  stdout.write(
    `${figures.length} poisons, ${other} not answered as they should be (bound 0), ${requests} requests, ${lost} lost (bound 0), ${strayed.length} followed references (bound 0)\n`,
  );
  process.exitCode = other === 0 && lost === 0 && strayed.length === 0 ? 0 : 1;
}
