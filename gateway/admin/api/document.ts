/** The API of sources as OpenAPI 3.1: bodies come from what checks them, so that the two cannot drift apart. */
import { z } from 'zod';
import { answerSchemas, type Json } from './answers.ts';
import { addBody, mannerBody, rollbackBody, stateBody, updateBody } from './bodies.ts';

const name = parameter('name', 'path', 'Name of the source.', { type: 'string' });
const dryRun = parameter('dryRun', 'query', 'Only says what would come of it.', { type: 'boolean' });
const ifMatch = parameter('If-Match', 'header', 'Version the change is made for, in quotes.', { type: 'string' });
const version = { type: 'integer', minimum: 0 };

export function apiDocument(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary sources',
      version: '1',
      description: 'Register, change and withdraw sources while the gateway serves.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths: {
      '/sources': {
        get: operation('listSources', 'All sources, as this replica serves them.', {
          answer: {
            type: 'object',
            required: ['sources'],
            properties: { sources: { type: 'array', items: ref('Source') } },
          },
        }),
        post: operation('addSource', 'Brings a new source in.', {
          body: addBody,
          parameters: [dryRun],
          answer: ref('Outcome'),
          status: 201,
        }),
      },
      '/sources/{name}': {
        get: operation(
          'getSource',
          'One source: versions and what its import said; its files for who may change it, and none for others.',
          {
            parameters: [name],
            answer: ref('SourceDetail'),
          },
        ),
        put: operation('updateSource', 'Brings a source up to date; what is absent stays.', {
          body: updateBody,
          parameters: [name, dryRun, ifMatch],
          answer: ref('Outcome'),
        }),
        delete: operation('withdrawSource', 'Takes a source out.', {
          body: mannerBody,
          parameters: [name, dryRun, ifMatch],
          answer: ref('Outcome'),
        }),
      },
      '/sources/{name}/rollback': {
        post: operation('rollbackSource', 'Back to an earlier version.', {
          body: rollbackBody,
          parameters: [name, dryRun],
          answer: ref('Outcome'),
        }),
      },
      '/sources/{name}/promote': {
        post: operation('promoteSource', 'Takes the held version into service.', {
          body: mannerBody,
          parameters: [name, dryRun],
          answer: ref('Outcome'),
        }),
      },
      '/sources/{name}/state': {
        post: operation('setSourceState', 'Deprecates a source, takes it out of calls, or gives it back.', {
          body: stateBody,
          parameters: [name],
          answer: {
            type: 'object',
            properties: { source: { type: 'string' }, state: { type: 'string' }, revision: version },
          },
        }),
      },
      '/sources/{name}/diff': {
        get: operation('diffSource', 'What differs between two versions of a source’s schema.', {
          parameters: [
            name,
            parameter('from', 'query', 'The older version; the one before `to` without it.', version),
            parameter('to', 'query', 'The newer version; the held one, or else the serving one, without it.', version),
          ],
          answer: ref('Difference'),
        }),
      },
      '/sources/{name}/export': {
        get: operation(
          'exportSource',
          'The source as the body that another gateway takes, keys included: only for who may change it, 403 for others.',
          {
            parameters: [name],
            answer: { type: 'object', required: ['body'], properties: { body: { type: 'object' } } },
          },
        ),
      },
      '/audit': {
        get: operation('listChanges', 'Every change, newest first.', {
          parameters: [
            parameter('source', 'query', 'Only changes of this source.', { type: 'string' }),
            parameter('before', 'query', 'Only changes before this revision.', version),
            parameter('limit', 'query', 'How many (50; 200 at most).', version),
          ],
          answer: {
            type: 'object',
            required: ['changes'],
            properties: { changes: { type: 'array', items: ref('Change') } },
          },
        }),
      },
      '/operations': {
        get: operation('listOperations', 'Operations that clients use, with the coordinates they need.', {
          answer: {
            type: 'object',
            required: ['operations'],
            properties: { operations: { type: 'array', items: { type: 'object' } } },
          },
        }),
      },
    },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: answerSchemas(),
      responses: {
        Refused: {
          description: 'It was not done; nothing has changed.',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
    },
  };
}

function operation(
  operationId: string,
  summary: string,
  {
    body,
    parameters = [],
    answer,
    status = 200,
  }: { body?: z.ZodType; parameters?: Json[]; answer: Json; status?: number },
): Json {
  const content = { 'application/json': { schema: answer } };
  const done = {
    [String(status)]: { description: summary, content },
    ...(status === 201 ? { '200': { description: 'A dry run.', content } } : {}),
  };
  const mayWait =
    body === undefined ? {} : { '202': { description: 'It is kept until somebody promotes it.', content } };
  return {
    operationId,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: operationId !== 'withdrawSource', content: contentOf(body, operationId) } }),
    responses: { ...done, ...mayWait, default: { $ref: '#/components/responses/Refused' } },
  };
}

/** JSON everywhere; a form where contracts are brought. */
function contentOf(body: z.ZodType, operationId: string): Json {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { target: 'draft-2020-12' });
  const json = { 'application/json': { schema } };
  if (operationId !== 'addSource' && operationId !== 'updateSource') return json;
  const contract = {
    type: 'array',
    items: { type: 'string', format: 'binary' },
    description: 'The contract, and files it refers to behind it.',
  };
  const properties = {
    ...(schema.properties ?? {}),
    contract,
    url: { type: 'string' },
    reflection: { type: 'string' },
  };
  return { ...json, 'multipart/form-data': { schema: { type: 'object', properties } } };
}

function parameter(key: string, place: string, description: string, schema: Json): Json {
  return { name: key, in: place, description, schema, ...(place === 'path' ? { required: true } : {}) };
}

function ref(schema: string): Json {
  return { $ref: `#/components/schemas/${schema}` };
}
