import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { execute, parse, specifiedRules, validate } from 'graphql';

/** Documents kept parsed and validated, as every server of the benchmark does. */
const maxDocuments = 1000;
const maxBodyBytes = 1_000_000;

type Prepared = { document: DocumentNode } | { errors: NonNullable<ExecutionResult['errors']> };

/**
 * POST /graphql over node:http: parse and validate (kept by text), execute with graphql-js, stringify.
 *
 * @param createContext makes the loaders of one request; gets the caller's `authorization` header
 */
export function serve(
  schema: GraphQLSchema,
  createContext: (authorization: string | undefined) => unknown,
  port: number,
): void {
  const documents = new Map<string, Prepared>();
  const prepare = (query: string): Prepared => {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query);
    const errors = validate(schema, document, specifiedRules);
    const prepared = errors.length > 0 ? { errors } : { document };
    if (documents.size >= maxDocuments) documents.delete(documents.keys().next().value ?? '');
    documents.set(query, prepared);
    return prepared;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { query, variables } = JSON.parse(await readBody(request)) as { query: string; variables?: object };
    const prepared = prepare(query);
    const result =
      'errors' in prepared
        ? prepared
        : await execute({
            schema,
            document: prepared.document,
            contextValue: createContext(request.headers.authorization),
            variableValues: { ...variables },
          });
    send(response, 'errors' in prepared ? 400 : 200, result);
  };

  createServer((request, response) => {
    answer(request, response).catch(() =>
      send(response, 400, { errors: [{ message: 'The request is not GraphQL.' }] }),
    );
  }).listen(port, '127.0.0.1');
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maxBodyBytes) throw new Error('the body is too large');
  }
  return text;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
