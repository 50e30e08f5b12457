import { type Bounded, bounded, type Finding } from '../../lib/findings.ts';
import { type ComposeSource, readSource } from '../documents.ts';
import { readWorld } from '../propose/world.ts';
import { findCallsPerKey } from './calls-per-key.ts';
import { findMissingIds } from './missing-ids.ts';
import { findUnboundedLists } from './unbounded-lists.ts';

/** Findings of one source, by kind (docs/import-report.md). */
type Risks = Record<'unboundedLists' | 'missingIds' | 'callsPerKey', Bounded<Finding>>;

/**
 * What clients and joins will meet, by source; in the sources' own names.
 * @throws GraphQLError when the text of a source is no SDL
 */
export function findRisks(sources: readonly ComposeSource[]): Map<string, Risks> {
  const world = readWorld(sources.map(readSource));
  const perKey = findCallsPerKey(world);
  return new Map(
    [...world.places].map(([name, place]) => [
      name,
      {
        unboundedLists: bounded(sorted(findUnboundedLists(place.document))),
        missingIds: bounded(sorted(findMissingIds(place))),
        callsPerKey: bounded(sorted(perKey.get(name) ?? [])),
      },
    ]),
  );
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => (a.at < b.at ? -1 : 1));
}
