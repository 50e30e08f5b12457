/**
 * Headers of a credential over those of a call. The credential's win; cookies stand beside each other, since they share one
 * header, and only those of the same name give way (RFC 6265 §5.4).
 */
export function layHeaders(
  headers: ReadonlyMap<string, string>,
  over: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (over.size === 0) return headers;
  const laid = new Map([...headers, ...over]);
  const [before, own] = [headers.get('cookie'), over.get('cookie')];
  if (before !== undefined && own !== undefined) laid.set('cookie', joinCookies(before, own));
  return laid;
}

function joinCookies(before: string, own: string): string {
  const nameOf = (pair: string): string => pair.split('=', 1)[0]?.trim() ?? '';
  const names = new Set(own.split(';').map(nameOf));
  const kept = before.split(';').filter((pair) => pair.trim() !== '' && !names.has(nameOf(pair)));
  return [...kept.map((pair) => pair.trim()), own].join('; ');
}
