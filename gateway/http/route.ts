/** What stands behind which path. */

export const graphqlPath = '/graphql';

export type Route = 'graphql' | 'home' | 'unknown';

/** @param url absolute or only path and query */
export function routeOf(url: string): Route {
  const path = pathOf(url);
  if (path === graphqlPath || path === `${graphqlPath}/`) return 'graphql';
  return path === '/' || path === '' ? 'home' : 'unknown';
}

/** The path of a URL that is absolute or only path and query. */
export function pathOf(url: string): string {
  const scheme = url.indexOf('://');
  const start = scheme < 0 ? 0 : url.indexOf('/', scheme + 3);
  if (start < 0) return '/';
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** A plain answer of the http stage: no operation was involved. */
export type PlainAnswer = { status: number; headers: Record<string, string>; body: string };

/** The answer for what is not the GraphQL endpoint: home leads there, the rest is a problem document (RFC 9457). */
export function answerElsewhere(route: Exclude<Route, 'graphql'>): PlainAnswer {
  if (route === 'home') return { status: 302, headers: { location: graphqlPath }, body: '' };
  const detail = `Known here: ${graphqlPath}.`;
  const body = JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail });
  return { status: 404, headers: { 'content-type': 'application/problem+json' }, body };
}
