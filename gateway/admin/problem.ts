/** A problem document (RFC 9457); `more` are its extension members. */
export function problem(
  status: number,
  title: string,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, ...more });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } });
}
