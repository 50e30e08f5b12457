/**
 * A prefix whose keys are all in one slot of a Cluster, so that one script reaches them: as it is where it holds a word in braces, else
 * with braces around it (Redis Cluster specification, "Hash tags").
 */
export function inOneSlot(prefix: string): string {
  return /\{[^{}]+\}/.test(prefix) ? prefix : `{${prefix}}`;
}
