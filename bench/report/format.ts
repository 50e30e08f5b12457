/** A Markdown table; the first `textColumns` columns stand left, the figures right. */
export function table(header: readonly string[], lines: readonly (readonly string[])[], textColumns: number): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(header), row(header.map((_, index) => (index < textColumns ? '---' : '---:'))), ...lines.map(row)];
}

/** Three significant digits, no exponent; a dash for what is not known. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 0.1 || value === 0 ? 2 : 3);
}

/** A ratio as `1.23×`. */
export function times(value: number | null): string {
  return value === null || Number.isNaN(value) ? '–' : `${number(value)}×`;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(0)} %` : '–';
}
