import { isRecord } from '../../lib/json.ts';
import { camelCase, graphqlName, pascalCase, uniqueName } from '../../lib/names.ts';
import type { HttpOperation, ImportReport, LeftOut, WireParameter } from '../wire.ts';
import { chooseBody, chooseResponse } from './media.ts';
import { type OpenapiDocument, resolveRef } from './read.ts';

/** What a policy may say about the operations of a contract; keys are names of root fields. */
export type OperationChoices = {
  /** Wire name (`GET /orders/{id}`) → root field, from `names.lock.json` and `policy.yaml`. */
  fieldOf: ReadonlyMap<string, string>;
  kindOf: ReadonlyMap<string, 'query' | 'mutation'>;
  excluded: ReadonlySet<string>;
};

export type CollectedOperations = {
  total: number;
  operations: HttpOperation[];
  /** Path items in the plain form that Mesh is given: one path per operation, every parameter in the query. */
  paths: Record<string, unknown>;
  leftOut: LeftOut[];
  /** Root fields that had to give way to another of the contract. */
  renamed: ImportReport['renamed'];
};

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const WITHOUT_ANSWER = new Set(['options', 'head', 'trace']);
/** Parameters that OpenAPI 3.1 §4.8.12.2.1 tells readers to ignore. */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

/** Walks every operation of the document and says for each how it is called and what Mesh is to make types of. */
export function collectOperations(document: OpenapiDocument, choices: OperationChoices): CollectedOperations {
  const all = findOperations(document);
  const result: CollectedOperations = { total: all.length, operations: [], paths: {}, leftOut: [], renamed: [] };
  const taken = new Set<string>();
  // Names given before or by the policy are never taken away by an operation that is new.
  const isChosen = ({ wireName }: Found): boolean => choices.fieldOf.has(wireName);
  for (const found of all.filter(isChosen)) collectOne(document, found, choices, taken, result);
  for (const found of all.filter((each) => !isChosen(each))) collectOne(document, found, choices, taken, result);
  return result;
}

type Found = {
  wireName: string;
  path: string;
  method: string;
  operation: Record<string, unknown>;
  shared: unknown;
};

/** Every operation, by path: in which order a contract lists them changes nothing. */
function findOperations(document: OpenapiDocument): Found[] {
  const items = Object.entries(document['paths'] as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  return items.flatMap(([path, item]) => {
    const pathItem = resolveRef(document, item);
    if (!isRecord(pathItem)) return [];
    return METHODS.flatMap((method) => {
      const operation = pathItem[method];
      const wireName = `${method.toUpperCase()} ${path}`;
      return isRecord(operation) ? [{ wireName, path, method, operation, shared: pathItem['parameters'] }] : [];
    });
  });
}

function collectOne(
  document: OpenapiDocument,
  found: Found,
  choices: OperationChoices,
  taken: Set<string>,
  result: CollectedOperations,
): unknown {
  const { wireName, path, method, operation } = found;
  const pointer = `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`;
  const leaveOut = (reason: string): unknown => result.leftOut.push({ operation: wireName, pointer, reason });
  if (WITHOUT_ANSWER.has(method)) return leaveOut(`a ${method.toUpperCase()} request has no answer to show`);
  const wanted = choices.fieldOf.get(wireName) ?? fieldName(method, path, operation['operationId']);
  const field = uniqueName(wanted, taken);
  if (field !== wanted) {
    result.renamed.push({
      from: wanted,
      to: field,
      reason: `another operation has this name, so ${wireName} gives way`,
    });
  }
  if (choices.excluded.has(field)) return leaveOut('excluded by policy.yaml');

  const parameters = mergeParameters(document, found);
  if (parameters === undefined) return leaveOut('a parameter points to a definition that is not there');
  const body = chooseBody(document, operation['requestBody']);
  if (body === undefined) return leaveOut('the request body points to a definition that is not there');
  const response = chooseResponse(document, operation['responses']);
  if (response === undefined) return leaveOut('the answer points to a definition that is not there');

  const args = new Set<string>(body ? ['input'] : []);
  const params: WireParameter[] = [];
  const described: unknown[] = [];
  for (const parameter of parameters) {
    const arg = uniqueName(argName(String(parameter['name'])), args);
    params.push(wireParameter(parameter, arg));
    described.push(plainParameter(parameter, arg));
  }
  const kind = choices.kindOf.get(field) ?? (method === 'get' ? 'query' : 'mutation');
  result.operations.push({
    field,
    kind,
    method: method.toUpperCase(),
    path,
    params,
    ...(body ? { body: { arg: 'input', mediaType: body.mediaType } } : {}),
    ...(response.mediaType ? { accept: response.mediaType } : {}),
    bodyRequired: body?.required ?? false,
    description: description(operation),
    deprecated: operation['deprecated'] === true,
  });
  result.paths[`/${field}`] = {
    [kind === 'query' ? 'get' : 'post']: {
      operationId: field,
      parameters: described,
      ...(body ? { requestBody: body.normalized } : {}),
      responses: response.normalized,
    },
  };
  return field;
}

/** Parameters of the path item and the operation; the operation's own win (OpenAPI 3.1 §4.8.10). */
function mergeParameters(document: OpenapiDocument, found: Found): Record<string, unknown>[] | undefined {
  const merged = new Map<string, Record<string, unknown>>();
  for (const list of [found.shared, found.operation['parameters']]) {
    for (const entry of Array.isArray(list) ? list : []) {
      const parameter = resolveRef(document, entry);
      if (!isRecord(parameter) || typeof parameter['name'] !== 'string') return undefined;
      if (parameter['in'] === 'header' && IGNORED_HEADERS.has(parameter['name'].toLowerCase())) continue;
      merged.set(`${String(parameter['in'])} ${parameter['name']}`, parameter);
    }
  }
  for (const [, name = ''] of found.path.matchAll(/\{([^}]+)\}/g)) {
    // A path cannot be filled in without it, whether the contract declares it (as required) or not.
    const declared = merged.get(`path ${name}`) ?? { name, in: 'path', schema: { type: 'string' } };
    merged.set(`path ${name}`, { ...declared, required: true });
  }
  return [...merged.values()];
}

function wireParameter(parameter: Record<string, unknown>, arg: string): WireParameter {
  const location = parameter['in'];
  const place = location === 'path' || location === 'header' || location === 'cookie' ? location : 'query';
  const style = typeof parameter['style'] === 'string' ? parameter['style'] : defaultStyle(place);
  const explode = typeof parameter['explode'] === 'boolean' ? parameter['explode'] : style === 'form';
  return { arg, name: String(parameter['name']), in: place, style, explode };
}

/** A parameter as Mesh is shown it: what it is called in GraphQL, its type and its text. */
function plainParameter(parameter: Record<string, unknown>, arg: string): Record<string, unknown> {
  const content = isRecord(parameter['content']) ? Object.values(parameter['content'])[0] : undefined;
  const schema = structuredClone(parameter['schema'] ?? (isRecord(content) ? content['schema'] : undefined) ?? {});
  return {
    name: arg,
    in: 'query',
    required: parameter['required'] === true,
    description: parameter['description'],
    example: parameter['example'],
    schema: isRecord(schema) && Object.keys(schema).length > 0 ? schema : { type: 'string' },
  };
}

function defaultStyle(place: WireParameter['in']): string {
  return place === 'query' || place === 'cookie' ? 'form' : 'simple';
}

function fieldName(method: string, path: string, operationId: unknown): string {
  if (typeof operationId === 'string' && /[A-Za-z]/.test(operationId)) {
    return /^[a-z][A-Za-z0-9]*$/.test(operationId) ? operationId : camelCase(operationId);
  }
  const parts = path.split('/').map((part) => part.replace(/\{([^}]*)\}/g, ' by $1'));
  return camelCase(`${method} ${parts.map((part) => part.split(' ').map(pascalCase).join(' ')).join(' ')}`);
}

function argName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : /[A-Za-z]/.test(name) ? camelCase(name) : graphqlName(name);
}

function description(operation: Record<string, unknown>): string | undefined {
  const texts = [operation['summary'], operation['description']].filter(
    (text) => typeof text === 'string' && text !== '',
  );
  return texts.length === 0 ? undefined : [...new Set(texts)].join('\n\n');
}
