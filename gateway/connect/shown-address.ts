/**
 * An address for the log: without the user and the query that it may have, since both can prove who asks. It need not be a URL.
 *
 * @param address as it is written in a policy, a contract or `.meshrc.yaml`
 */
export function shownAddress(address: string | undefined): string | undefined {
  return address?.replace(/[?#].*$/s, '').replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)?[^/@]*@/i, '$1');
}
