import { isRecord } from '../../lib/json.ts';
import { camelCase, graphqlName, pascalCase, uniqueName } from '../../lib/names.ts';
import type { HttpOperation, ImportReport, LeftOut, Note, WireParameter } from '../wire.ts';
import { type ChosenAnswer, type ChosenBody, chooseAnswer, chooseBody } from './media.ts';
import { pointerPart, type Resolve, type Site, typeName } from './types/site.ts';

/** What a policy may say about the operations of a contract; keys are names of root fields. */
export type OperationChoices = {
  /** Wire name (`GET /orders/{id}`) → root field, from `names.lock.json` and `policy.yaml`. */
  fieldOf: ReadonlyMap<string, string>;
  kindOf: ReadonlyMap<string, 'query' | 'mutation'>;
  excluded: ReadonlySet<string>;
};

/** An argument that is no body: where it goes stands in the operation's `params`. */
export type ArgumentSite = { arg: string; site: Site; required: boolean; description: string | undefined };

/** One operation: how it is called, and the schemas its types are made of. */
export type ContractOperation = {
  http: HttpOperation;
  arguments: ArgumentSite[];
  body: ChosenBody | undefined;
  answer: ChosenAnswer;
};

export type CollectedOperations = {
  total: number;
  operations: ContractOperation[];
  leftOut: LeftOut[];
  notes: Note[];
  /** Root fields that had to give way to another of the contract. */
  renamed: ImportReport['renamed'];
};

/** As much of a contract as is walked here. */
export type Walkable = { document: Readonly<Record<string, unknown>>; resolve: Resolve };

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['get', 'head', 'options', 'trace']);
/** Parameters that OpenAPI 3.1 §4.8.12.2.1 tells readers to ignore. */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

/** Walks every operation of the document and says for each how it is called and which schemas it speaks in. */
export function collectOperations(contract: Walkable, choices: OperationChoices): CollectedOperations {
  const notes: Note[] = [];
  const all = findOperations(contract, notes);
  const result: CollectedOperations = { total: all.length, operations: [], leftOut: [], notes, renamed: [] };
  const taken = new Set<string>();
  // Names given before or by the policy are never taken away by an operation that is new.
  const isChosen = ({ wireName }: Found): boolean => choices.fieldOf.has(wireName);
  const ordered = [...all.filter(isChosen), ...all.filter((each) => !isChosen(each))];
  for (const found of ordered) collectOne(contract, found, choices, taken, result);
  return result;
}

type Found = {
  wireName: string;
  path: string;
  method: string;
  pointer: string;
  operation: Record<string, unknown>;
  shared: unknown;
};

/** Every operation, by path: in which order a contract lists them changes nothing. */
function findOperations({ document, resolve }: Walkable, notes: Note[]): Found[] {
  const paths = isRecord(document['paths']) ? document['paths'] : {};
  const items = Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = items.flatMap(([path, item]): Found[] => {
    const at = `/paths/${pointerPart(path)}`;
    const pathItem = follow(item, resolve);
    if ('fault' in pathItem) notes.push({ pointer: at, text: `cannot be read: ${pathItem.fault}` });
    const value = 'value' in pathItem ? pathItem.value : undefined;
    if (!isRecord(value)) return [];
    return METHODS.flatMap((method) => {
      const operation = value[method];
      if (!isRecord(operation)) return [];
      const wireName = `${method.toUpperCase()} ${path}`;
      const pointer = `${at}/${method}`;
      noteCallbacks(operation, pointer, notes);
      return [{ wireName, path, method, pointer, operation, shared: value['parameters'] }];
    });
  });
  noteWebhooks(document, notes);
  return found;
}

/** Requests that the service sends are not the gateway's to make. */
function noteCallbacks(operation: Readonly<Record<string, unknown>>, pointer: string, notes: Note[]): void {
  for (const name of Object.keys(isRecord(operation['callbacks']) ? operation['callbacks'] : {}))
    notes.push({
      pointer: `${pointer}/callbacks/${pointerPart(name)}`,
      text: 'a callback is sent by the service, not asked of it',
    });
}

function noteWebhooks(document: Readonly<Record<string, unknown>>, notes: Note[]): void {
  for (const key of ['webhooks', 'x-webhooks']) {
    for (const name of Object.keys(isRecord(document[key]) ? document[key] : {}))
      notes.push({
        pointer: `/${key}/${pointerPart(name)}`,
        text: 'a webhook is sent by the service, not asked of it',
      });
  }
}

/** The value at the end of a reference, or why there is none. */
function follow(value: unknown, resolve: Resolve): { value: unknown } | { fault: string } {
  if (!isRecord(value) || typeof value['$ref'] !== 'string') return { value };
  const target = resolve(value['$ref']);
  if (!target.found) return { fault: `\`${target.ref}\` ${target.reason}` };
  // A path item may say more beside its reference (OpenAPI 3.1 §4.8.9).
  const { $ref: _ref, ...beside } = value;
  return { value: isRecord(target.value) ? { ...target.value, ...beside } : target.value };
}

function collectOne(
  { resolve }: Walkable,
  found: Found,
  choices: OperationChoices,
  taken: Set<string>,
  result: CollectedOperations,
): unknown {
  const { wireName, path, method, pointer, operation } = found;
  const leaveOut = (reason: string): unknown => result.leftOut.push({ operation: wireName, pointer, reason });
  const wanted = choices.fieldOf.get(wireName) ?? fieldName(method, path, operation['operationId']);
  const field = uniqueName(wanted, taken);
  if (field !== wanted) {
    const reason = `another operation has this name, so ${wireName} gives way`;
    result.renamed.push({ from: wanted, to: field, reason });
  }
  if (choices.excluded.has(field)) return leaveOut('excluded by policy.yaml');
  const parameters = mergeParameters(found, resolve);
  if ('fault' in parameters) return leaveOut(`a parameter cannot be read: ${parameters.fault}`);
  const written = follow(operation['requestBody'], resolve);
  if ('fault' in written) return leaveOut(`the request body cannot be read: ${written.fault}`);
  const name = typeName(field);
  const body = chooseBody(written.value, { pointer: `${pointer}/requestBody`, name });
  const answer = chooseAnswer(operation['responses'], resolve, { pointer, name });
  for (const { status, pointer: at } of answer.others) {
    const text = `answers with status ${status} have another form: fields they lack are null`;
    result.notes.push({ pointer: at, text });
  }
  const args = new Set<string>(body ? ['input'] : []);
  const params: WireParameter[] = [];
  const sites: ArgumentSite[] = [];
  for (const parameter of parameters.list) {
    const arg = uniqueName(argName(String(parameter.value['name'])), args);
    params.push(wireParameter(parameter.value, arg));
    sites.push(argumentSite(parameter, arg, name));
  }
  result.operations.push({
    http: {
      field,
      kind: choices.kindOf.get(field) ?? (SAFE.has(method) ? 'query' : 'mutation'),
      method: method.toUpperCase(),
      path,
      params,
      ...(body
        ? {
            body: {
              arg: 'input',
              mediaType: body.mediaType,
              ...(body.encoding ? { encoding: Object.entries(body.encoding) } : {}),
            },
          }
        : {}),
      ...(answer.mediaType ? { accept: answer.mediaType } : {}),
      bodyRequired: body?.required ?? false,
      description: description(operation),
      deprecated: operation['deprecated'] === true,
    },
    arguments: sites,
    body,
    answer: method === 'head' ? { ...answer, mediaType: '' } : answer,
  });
  return field;
}

type Parameter = { value: Record<string, unknown>; pointer: string };

/** Parameters of the path item and the operation; the operation's own win (OpenAPI 3.1 §4.8.10). */
function mergeParameters(found: Found, resolve: Resolve): { list: Parameter[] } | { fault: string } {
  const merged = new Map<string, Parameter>();
  const above = found.pointer.slice(0, found.pointer.lastIndexOf('/'));
  for (const [list, at] of [
    [found.shared, above],
    [found.operation['parameters'], found.pointer],
  ] as const) {
    for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
      const target = isRecord(entry) && typeof entry['$ref'] === 'string' ? resolve(entry['$ref']) : undefined;
      if (target && !target.found) return { fault: `\`${target.ref}\` ${target.reason}` };
      const value: unknown = target ? target.value : entry;
      if (!isRecord(value) || typeof value['name'] !== 'string')
        return { fault: `${at}/parameters/${index} has no name` };
      if (value['in'] === 'header' && IGNORED_HEADERS.has(value['name'].toLowerCase())) continue;
      const pointer = target ? target.pointer : `${at}/parameters/${index}`;
      merged.set(`${String(value['in'])} ${value['name']}`, { value, pointer });
    }
  }
  for (const [, name = ''] of found.path.matchAll(/\{([^}]+)\}/g)) {
    // A path cannot be filled in without it, whether the contract declares it (as required) or not.
    const undeclared = { value: { name, in: 'path', schema: { type: 'string' } }, pointer: found.pointer };
    const declared = merged.get(`path ${name}`) ?? undeclared;
    merged.set(`path ${name}`, { ...declared, value: { ...declared.value, required: true } });
  }
  return { list: [...merged.values()] };
}

function wireParameter(parameter: Record<string, unknown>, arg: string): WireParameter {
  const location = parameter['in'];
  const place = location === 'path' || location === 'header' || location === 'cookie' ? location : 'query';
  const style = typeof parameter['style'] === 'string' ? parameter['style'] : defaultStyle(place);
  const explode = typeof parameter['explode'] === 'boolean' ? parameter['explode'] : style === 'form';
  const [content] = isRecord(parameter['content']) ? Object.keys(parameter['content']) : [];
  return {
    arg,
    name: String(parameter['name']),
    in: place,
    style,
    explode,
    ...(content === undefined ? {} : { content }),
    ...(parameter['allowReserved'] === true ? { allowReserved: true } : {}),
  };
}

function argumentSite({ value, pointer }: Parameter, arg: string, operation: string): ArgumentSite {
  const [type, media] = isRecord(value['content']) ? (Object.entries(value['content'])[0] ?? []) : [];
  const own = type === undefined ? value['schema'] : isRecord(media) ? media['schema'] : undefined;
  const below = type === undefined ? 'schema' : `content/${pointerPart(type)}/schema`;
  const schema: unknown = isRecord(own) && Object.keys(own).length > 0 ? own : { type: 'string' };
  const example = value['example'];
  const { description: text } = value;
  return {
    arg,
    site: {
      schema: example === undefined || !isRecord(schema) ? schema : { ...schema, example },
      pointer: `${pointer}/${below}`,
      name: operation + pascalCase(String(value['name'])),
    },
    required: value['required'] === true,
    description: typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined,
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
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__')) return name;
  return /[A-Za-z]/.test(name) ? camelCase(name) : graphqlName(name).replace(/^__+/, '_');
}

function description(operation: Record<string, unknown>): string | undefined {
  const texts = [operation['summary'], operation['description']].filter(
    (text): text is string => typeof text === 'string' && text.trim() !== '',
  );
  return texts.length === 0 ? undefined : [...new Set(texts.map((text) => text.trim()))].join('\n\n');
}
