import type { Reading } from './read.ts';
import type { Sampled } from './sample.ts';

/** One line for a contract; its fault below, where it has one. */
export function formatReading({ file, proposals, ms, fault }: Reading): string {
  const bulk = proposals.filter((proposal) => proposal.bulk).length;
  const many = proposals.filter((proposal) => proposal.many).length;
  const line = `${file}: ${proposals.length} joins (${many} to lists, ${bulk} in bulk) in ${ms} ms`;
  return fault === undefined ? line : `${line}\n  FAILED: ${fault.split('\n').slice(0, 5).join('\n  ')}`;
}

/** Each join with what a person needs to judge it. */
export function formatSample(sample: readonly Sampled[]): string {
  return sample
    .map(({ file, proposal }, at) => {
      const { type, field, answer, many, target, keyFields, confidence, reasons } = proposal;
      const keys = target.keysArg ?? (target.keysArgFields ?? []).join(', ');
      return [
        `${at + 1}. ${file}`,
        `   ${type}.${field}: ${many ? `[${answer}!]` : answer}  (${confidence})`,
        `   ${keyFields.join(', ')} → ${target.field}(${keys})${target.result === undefined ? '' : `.${target.result}`} by ${target.valueKeyFields.join(', ') || 'the call'}`,
        ...reasons.map((reason) => `   - ${reason}`),
      ].join('\n');
    })
    .join('\n');
}
