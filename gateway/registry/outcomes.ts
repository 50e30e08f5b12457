import type { BuildJob, Outcome } from './job.ts';

/** The job with what is known of its contracts already: they are not read again. */
export function withOutcomes(job: BuildJob, outcomes: ReadonlyMap<string, Outcome>): BuildJob {
  const sources = job.sources.map((source) => {
    const outcome = source.outcome ?? outcomes.get(source.name);
    return outcome ? { ...source, outcome } : source;
  });
  return { ...job, sources };
}

/** What is known after a try that ended with the reading of one contract: that one is refused. */
export function settled(
  outcomes: ReadonlyMap<string, Outcome>,
  culprit: string,
  refused: string,
): ReadonlyMap<string, Outcome> {
  return new Map([...outcomes, [culprit, { refused }]]);
}
