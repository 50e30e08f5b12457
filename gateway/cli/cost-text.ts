/** A price as lines for a terminal. */
import type { CostReport } from '../validate/price.ts';
import type { AskAnswer } from './ask.ts';

export type CostAnswer = AskAnswer<{ readonly cost?: CostReport }>;

/** Fields that are told; what is left of the price is told in one line. */
const TOLD = 20;

/** The price, and one line for each field that has a part in it, dearest first: points, share, path, calls. */
export function costText({ price, cost, calls, parts = [], truncated }: CostReport, hasRun: boolean): string {
  const real = hasRun ? `; it cost ${points(cost)} with ${count(calls.made)}` : '';
  const head = `${points(price)}, ${count(calls.predicted)} expected${real}`;
  const told = parts
    .slice(0, TOLD)
    .map(({ points: own, path, coordinate, calls: made }) => [
      figure(own),
      share(own, price),
      `${path}  ${coordinate}${made > 0 ? ` [${count(made)}]` : ''}`,
    ]);
  const left = price - parts.slice(0, TOLD).reduce((sum, part) => sum + part.points, 0);
  const rows = left > 0.0005 ? [...told, [figure(left), share(left, price), rest(parts.length)]] : told;
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const lines = rows.map(
    ([own = '', part = '', what]) => `  ${own.padStart(width(0))}  ${part.padStart(width(1))}  ${what}`,
  );
  if (truncated === true) lines.push('  … and more: the operation is too large to be priced as a whole');
  return `${[head, ...lines].join('\n')}\n`;
}

function rest(parts: number): string {
  return parts > TOLD ? `the operation, and ${parts - TOLD} fields more` : 'the operation itself';
}

function figure(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

function points(value: number): string {
  return `${figure(value)} ${value === 1 ? 'point' : 'points'}`;
}

function count(calls: number): string {
  return `${calls} ${calls === 1 ? 'call' : 'calls'}`;
}
