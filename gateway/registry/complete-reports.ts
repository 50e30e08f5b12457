import type { ComposeSource } from '../compose/documents.ts';
import { findRisks } from '../compose/risks/find-risks.ts';
import type { Unified } from '../compose/unify.ts';
import { nameChanges } from '../ingest/report/name-changes.ts';
import type { ImportReport, Risks } from '../ingest/wire.ts';
import { bounded } from '../lib/findings.ts';
import type { NamesLock } from './tree.ts';

/** Adds to the reports of an import what only the united sources can tell: names, shared types, risks. */
export function completeReports(
  reports: readonly ImportReport[],
  found: { unified: Unified; sources: readonly ComposeSource[]; before: NamesLock; lock: NamesLock },
): void {
  const { unified, sources, before, lock } = found;
  const risks = reports.length > 0 ? findRisks(sources) : new Map<string, Risks>();
  for (const report of reports) {
    const { source } = report;
    for (const { source: of, ...renamed } of unified.renamed) if (of === source) report.renamed.push(renamed);
    const shared = [...(unified.shared.get(source) ?? [])];
    report.shared = bounded(shared.map(([at, other]) => ({ at, text: `is equal in ${other}: one type for both` })));
    const [own, names] = [risks.get(source), lock[source]];
    const changes = names && nameChanges(before[source], names);
    if (own) report.risks = own;
    if (changes) report.nameChanges = changes;
  }
}
