/** What the API of sources answers, as schemas of its OpenAPI document. */
export type Json = Record<string, unknown>;

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  description:
    'RFC 9457. `code` names the reason; a conflict tells what came between, a breaking change what it breaks.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: {
      type: 'string',
      enum: [
        'invalid',
        'unknown-source',
        'exists',
        'conflict',
        'breaking',
        'score',
        'forbidden',
        'too-large',
        'unavailable',
        'unauthenticated',
        'not-found',
        'internal',
      ],
    },
  },
};

/** The schemas of answers by name. */
export function answerSchemas(): Json {
  const text = { type: 'string' };
  const number = { type: 'integer' };
  const held = object({ bundle: text, version: number, reason: text, at: number, by: text }, [
    'bundle',
    'version',
    'reason',
    'at',
  ]);
  const source = {
    name: text,
    kind: text,
    state: { type: 'string', enum: ['active', 'degraded', 'failed', 'deprecated', 'quarantined', 'withdrawn'] },
    from: { type: 'string', enum: ['tree', 'registry'] },
    message: text,
    owner: text,
    version: number,
    bundle: text,
    held,
  };
  const known = { version: number, bundle: text, at: number, by: text };
  const versions = {
    type: 'array',
    items: object({ ...known, isVouched: { type: 'boolean' } }, ['version', 'bundle', 'at', 'by']),
  };
  const changes = { type: 'array', items: { $ref: '#/components/schemas/Change' } };
  const files = { type: 'object', additionalProperties: text };
  return {
    Problem: problemSchema,
    Source: object(source, ['name', 'kind', 'state', 'from']),
    SourceDetail: object({ ...source, versions, changes, report: { type: 'object' }, files }, [
      'name',
      'kind',
      'state',
      'from',
      'versions',
      'changes',
      'files',
    ]),
    Outcome: object(
      {
        source: text,
        what: text,
        dryRun: { type: 'boolean' },
        applied: { type: 'boolean' },
        unchanged: { type: 'boolean' },
        held: text,
        version: number,
        bundle: text,
        revision: number,
        generation: text,
        report: { type: 'object' },
        impact: { type: 'object' },
        proposedJoins: { type: 'array', items: { type: 'object' } },
        acceptedJoins: { type: 'array', items: text },
      },
      ['source', 'what', 'dryRun', 'applied', 'unchanged', 'proposedJoins', 'acceptedJoins'],
    ),
    Difference: object({ from: number, to: number, changes: { type: 'object' } }, ['from', 'to', 'changes']),
    Change: object(
      {
        ...{ number, at: number, by: text, what: text, source: text, reason: text, bundle: text, unified: text },
        state: { type: 'string', enum: ['active', 'deprecated', 'quarantined', 'withdrawn'] },
        forced: { type: 'boolean' },
      },
      ['number', 'at', 'by', 'what', 'source'],
    ),
  };
}

function object(properties: Json, required: string[]): Json {
  return { type: 'object', required, properties };
}
