/**
 * `npm run proof:security`: what refusing each bomb of the security suite costs in CPU, against the bound. Every bomb is sent several
 * times, each time as another document, to a gateway over a schema of 5000 types; the figure is the median.
 */
import { post, startBombed } from '../security/bomb-kit.ts';
import { bombs } from '../security/bombs.ts';

const BOUND_MS = 50;
const TIMES = 7;
const TYPES = 5000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const app = startBombed(TYPES);

async function cpuMs(send: () => Request): Promise<number> {
  const request = send();
  const before = process.cpuUsage();
  await (await app.fetch(request)).text();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

// The first operations are slower than all later ones: code is compiled, and the schema is read.
for (let n = 0; n < 300; n += 1) await cpuMs(() => post({ query: `{ me { id } } #${n}` }));

const rows: { title: string; code: string; median: number; worst: number; isCoded: boolean }[] = [];
for (const { title, code, request } of bombs) {
  const body = await (await app.fetch(request(0))).text();
  const times: number[] = [];
  for (let n = 1; n <= TIMES; n += 1) times.push(await cpuMs(() => request(n)));
  times.sort((a, b) => a - b);
  rows.push({
    title,
    code,
    median: times[Math.floor(TIMES / 2)] ?? 0,
    worst: times.at(-1) ?? 0,
    isCoded: body.includes(`"code":"${code}"`),
  });
}

const width = Math.max(...rows.map(({ title }) => title.length));
print(`${'bomb'.padEnd(width)}  ${'code'.padEnd(30)}  CPU ms (median of ${TIMES}, worst), bound ${BOUND_MS}`);
for (const { title, code, median, worst, isCoded } of rows) {
  const verdict = !isCoded ? '  WRONG CODE' : median > BOUND_MS ? '  TOO MUCH' : '';
  print(
    `${title.padEnd(width)}  ${code.padEnd(30)}  ${median.toFixed(1).padStart(6)} ${worst.toFixed(1).padStart(6)}${verdict}`,
  );
}
const failed = rows.filter(({ median, isCoded }) => median > BOUND_MS || !isCoded);
const most = Math.max(...rows.map(({ median }) => median));
print(
  `\n${rows.length} bombs, ${rows.length - failed.length} within the bound; the dearest took ${most.toFixed(1)} ms`,
);
await app[Symbol.asyncDispose]();
process.exitCode = failed.length === 0 ? 0 : 1;
