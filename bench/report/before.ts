import { times } from './format.ts';
import { variantName } from './markdown.ts';
import type { Row } from './summary.ts';

/**
 * What became of the project since an earlier commit, a line for each row that both were measured in: above 1 is better for
 * requests and worse for CPU.
 *
 * @param names of the two among the servers
 */
export function renderChange(rows: readonly Row[], { now, before }: { now: string; before: string }): string[] {
  return rows.flatMap(({ cell, servers }) => {
    const [is, was] = [now, before].map((name) => servers.find(({ peer }) => peer === name));
    if (!is || !was) return [];
    const requests = times(is.requestsPerSecond / was.requestsPerSecond);
    const cpu = times(is.cpuMsPerRequest / was.cpuMsPerRequest);
    return [`${cell.caseName}, ${variantName(cell)}: ${requests} req/s, ${cpu} CPU/req`];
  });
}
