import type { TypedDocumentString } from './generated/graphql.ts';

export type Answer<Result> = {
  data: Result | null;
  errors?: readonly { message: string; path?: readonly (string | number)[]; extensions?: Record<string, unknown> }[];
};

/** Sends one operation to a gateway; what comes back is typed by the operation. `headers` go with it, a key for example. */
export async function send<Result, Variables>(
  url: string,
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Result>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query: operation.toString(), variables }),
  });
  return (await response.json()) as Answer<Result>;
}
