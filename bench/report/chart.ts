import type { Cell } from '../types.ts';
import { number } from './format.ts';
import type { Report } from './report.ts';

/** The query the chart shows: the one that every server answers by joining. */
export const chartCase = 'posts-users';

const bar = { height: 12, gap: 2, left: 190, width: 520, right: 90 };
const groupHead = 26;
const colors = { ours: '#0b6e4f', other: '#9aa5b1', text: '#1f2933' };

/**
 * Requests per second of every server in every way of asking `chartCase`, as horizontal bars on a logarithmic scale.
 *
 * @param nameOf says how a row asks
 * @returns an SVG document; null where no row asks that query
 */
export function renderChart({ rows, reference }: Report, nameOf: (cell: Cell) => string): string | null {
  const groups = rows.filter(({ cell }) => cell.caseName === chartCase);
  const most = Math.max(0, ...groups.flatMap(({ servers }) => servers.map((one) => one.requestsPerSecond)));
  if (most === 0) return null;
  const scale = (value: number) => (value <= 1 ? 0 : (Math.log10(value) / Math.log10(most)) * bar.width);
  const lines: string[] = [];
  let y = 0;
  for (const { cell, servers } of groups) {
    lines.push(text(0, y + 18, nameOf(cell), 'bold'));
    y += groupHead;
    for (const { peer, requestsPerSecond } of servers) {
      const color = peer.startsWith(reference) ? colors.ours : colors.other;
      const [width, middle] = [scale(requestsPerSecond).toFixed(1), y + bar.height - 2];
      lines.push(
        text(bar.left - 6, middle, peer, 'normal', 'end'),
        `<rect x="${bar.left}" y="${y}" width="${width}" height="${bar.height}" fill="${color}"/>`,
        text(bar.left + Number(width) + 4, middle, number(requestsPerSecond)),
      );
      y += bar.height + bar.gap;
    }
  }
  const [width, height] = [bar.left + bar.width + bar.right, y + 8];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<title>${chartCase}: requests per second, logarithmic scale</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, content: string, weight = 'normal', anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" fill="${colors.text}" font-weight="${weight}" text-anchor="${anchor}">${escaped}</text>`;
}
