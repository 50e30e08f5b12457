/** Prints `N passed, N failed, N skipped` from a Vitest JSON report: the last line of a CI run. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * @param text the report as written by Vitest's `json` reporter, or `undefined` where the run ended before it wrote one
 * @returns the line, and whether everything that ran passed. A file that could not even be loaded counts as one failed test.
 */
export function summarize(text: string | undefined): { readonly line: string; readonly ok: boolean } {
  const parsed = reportSchema.safeParse(parseJson(text));
  if (!parsed.success) return { line: '0 passed, 1 failed, 0 skipped', ok: false };
  const report = parsed.data;
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  // An error outside of any test (an unhandled rejection) fails the run without failing a test.
  const shown = failed === 0 && !report.success ? 1 : failed;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { line: `${report.numPassedTests} passed, ${shown} failed, ${skipped} skipped`, ok: shown === 0 };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await readFile(process.argv[2] ?? '', 'utf8').catch(() => undefined);
  const { line, ok } = summarize(text);
  console.log(line);
  process.exitCode = ok ? 0 : 1;
}
