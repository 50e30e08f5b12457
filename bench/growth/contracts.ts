/** An OpenAPI document; made here, so nothing else about it has to be known. */
export type Contract = {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, unknown> };
};

const VERBS = ['read', 'list', 'create', 'replace', 'remove'] as const;
type Verb = (typeof VERBS)[number];

const METHODS: Record<Verb, string> = { read: 'get', list: 'get', create: 'post', replace: 'put', remove: 'delete' };

/**
 * A contract with as many operations as asked for: things of several types, each read, listed, created, replaced and removed. No two
 * sources share a name. The field that reads one of the first things is `<source>Read0`.
 *
 * @param source begins all names; a name of GraphQL itself
 */
export function createContract(source: string, operations: number): Contract {
  const paths: Contract['paths'] = {};
  const schemas: Record<string, unknown> = {};
  for (let index = 0; index < operations; index += 1) {
    const verb = VERBS[index % VERBS.length] ?? 'read';
    const thing = Math.floor(index / VERBS.length);
    const type = `${upperFirst(source)}Thing${thing}`;
    schemas[type] ??= thingSchema(`${type}Detail`);
    schemas[`${type}Detail`] ??= detailSchema;
    const path = `/${source}/things${thing}${verb === 'list' || verb === 'create' ? '' : '/{id}'}`;
    const operationId = `${source}${upperFirst(verb)}${thing}`;
    paths[path] = { ...paths[path], [METHODS[verb]]: operation(verb, operationId, type) };
  }
  return contract(source, paths, schemas);
}

/** A list of as many rows as an argument says. */
export function createRowsContract(): Contract {
  const count = parameter('count', 'query', { type: 'integer', format: 'int32' });
  const get = { operationId: 'rows', parameters: [count], responses: answer({ type: 'array', items: ref('Row') }) };
  const properties = { id: text, title: text, partnerId: text };
  return contract('rows', { '/rows': { get } }, { Row: { type: 'object', properties } });
}

/** What rows are joined to, many by one call. */
export function createPartnersContract(): Contract {
  const id = parameter('id', 'query', { type: 'array', items: text });
  const get = {
    operationId: 'partners',
    parameters: [id],
    responses: answer({ type: 'array', items: ref('Partner') }),
  };
  const properties = { id: text, name: text };
  return contract('partners', { '/partners': { get } }, { Partner: { type: 'object', properties } });
}

/** How many operations a contract has. */
export function countOperations({ paths }: Contract): number {
  return Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
}

const text = { type: 'string' };

const detailSchema = {
  type: 'object',
  description: 'What is told of a thing beyond its name.',
  properties: {
    weight: { type: 'number', description: 'In kilograms.' },
    count: { type: 'integer', format: 'int32' },
    labels: { type: 'array', items: text },
    checkedAt: { type: 'string', format: 'date-time', description: 'When somebody last looked.' },
  },
};

function thingSchema(detail: string): unknown {
  return {
    type: 'object',
    required: ['id', 'name'],
    properties: {
      id: { ...text, description: 'What it is asked for by.' },
      name: { ...text, description: 'What people call it.' },
      active: { type: 'boolean', description: 'Whether it is in use.' },
      state: { type: 'string', enum: ['new', 'open', 'closed'] },
      createdAt: { type: 'string', format: 'date-time' },
      detail: ref(detail),
    },
  };
}

function operation(verb: Verb, operationId: string, type: string): unknown {
  const list = verb === 'list';
  const id = parameter('id', 'path', text);
  const page = ['limit', 'offset'].map((name) => parameter(name, 'query', { type: 'integer', format: 'int32' }));
  const writes = verb === 'create' || verb === 'replace';
  return {
    operationId,
    summary: `${upperFirst(verb)}: ${type}.`,
    parameters: list ? page : verb === 'create' ? [] : [id],
    ...(writes && { requestBody: { required: true, content: json(ref(type)) } }),
    responses: answer(list ? { type: 'array', items: ref(type) } : ref(type)),
  };
}

function contract(title: string, paths: Contract['paths'], schemas: Record<string, unknown>): Contract {
  return { openapi: '3.0.3', info: { title, version: '1.0.0' }, paths, components: { schemas } };
}

function parameter(name: string, place: 'path' | 'query', schema: unknown): unknown {
  return { name, in: place, required: place === 'path', schema };
}

function answer(schema: unknown): unknown {
  return { 200: { description: 'It worked.', content: json(schema) } };
}

function json(schema: unknown): unknown {
  return { 'application/json': { schema } };
}

function ref(name: string): unknown {
  return { $ref: `#/components/schemas/${name}` };
}

function upperFirst(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
