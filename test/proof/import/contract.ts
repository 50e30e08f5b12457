/** A large OpenAPI contract, the same for the same length: as many operations and types, with their descriptions, as it takes. */

const SENTENCE =
  'What it is for, who may set it, and what becomes of it when nobody does, as its owners wrote it down. ';

/**
 * @param bytes least length
 * @param edition another number is another contract: it stands in the name of one field
 */
export function largeContract(bytes: number, edition: number): string {
  const paths: string[] = [];
  const schemas: string[] = [];
  let length = 0;
  for (let n = 0; length < bytes; n += 1) {
    const [path, schema] = [pathOf(n), schemaOf(n, n === 0 ? edition : undefined)];
    paths.push(path);
    schemas.push(schema);
    length += path.length + schema.length + 2;
  }
  return `{"openapi":"3.0.3","info":{"title":"large","version":"1"},"paths":{${paths.join(',')}},"components":{"schemas":{${schemas.join(',')}}}}`;
}

function pathOf(n: number): string {
  const list = { type: 'array', items: { $ref: `#/components/schemas/Record${n}` } };
  const operation = {
    operationId: `listRecords${n}`,
    description: SENTENCE,
    parameters: [
      { name: 'ids', in: 'query', explode: false, schema: { type: 'array', items: { type: 'string' } } },
      { name: 'limit', in: 'query', description: SENTENCE, schema: { type: 'integer', default: 20, maximum: 100 } },
    ],
    responses: { 200: { description: 'ok', content: { 'application/json': { schema: list } } } },
  };
  return `${JSON.stringify(`/records${n}`)}:${JSON.stringify({ get: operation })}`;
}

function schemaOf(n: number, edition: number | undefined): string {
  const fields = Array.from({ length: 20 }, (_, field) => [
    `field${field}`,
    { type: field % 3 === 0 ? 'integer' : 'string', description: SENTENCE.repeat(2) },
  ]);
  const more = edition === undefined ? [] : [[`edition${edition}`, { type: 'string' }]];
  const properties = Object.fromEntries([['id', { type: 'string' }], ...fields, ...more]);
  return `"Record${n}":${JSON.stringify({ type: 'object', required: ['id'], properties })}`;
}
