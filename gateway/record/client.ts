/** Headers by which clients say who they are; the second is what Apollo's libraries send. */
const NAMES = ['x-client-name', 'apollographql-client-name'];
const VERSIONS = ['x-client-version', 'apollographql-client-version'];
const MOST_CHARACTERS = 100;
const PLAIN = /^[\w.@/-]+$/;

/**
 * Who runs an operation, as the client says of itself: `web`, `web@1.4.2`; undefined where it says nothing. It is no proof of
 * anything and only ever shown to who operates the gateway.
 */
export function clientOf(headers: ReadonlyMap<string, string>): string | undefined {
  const name = first(headers, NAMES);
  if (name === undefined) return undefined;
  const version = first(headers, VERSIONS);
  return version === undefined ? name : `${name}@${version}`;
}

function first(headers: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers.get(name)?.slice(0, MOST_CHARACTERS);
    // Most values are fit to be shown as they come, which is quick to see.
    const clean = value === undefined || PLAIN.test(value) ? value : value.replaceAll(/\p{Cc}/gu, '').trim();
    if (clean !== undefined && clean !== '') return clean;
  }
  return undefined;
}
