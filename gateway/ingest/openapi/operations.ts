import { isRecord } from '../../lib/json.ts';
import { camelCase, pascalCase, uniqueName } from '../../lib/names.ts';
import { hasSteps } from '../../lib/url-path.ts';
import type { Exposure } from '../exposure.ts';
import { guessByMethod } from '../report/kinds.ts';
import {
  EXCLUDED,
  type HttpOperation,
  type ImportReport,
  type KindGuess,
  type LeftOut,
  type Note,
  type WireParameter,
} from '../wire.ts';
import { errorAnswers } from './error-answers.ts';
import { type ChosenAnswer, type ChosenBody, canSend, chooseAnswer, chooseBody } from './media.ts';
import { type ArgumentSite, argName, argumentSite, mergeParameters, wireParameter } from './parameters.ts';
import { ownRequirements } from './security.ts';
import { serverPrefix } from './servers.ts';
import { pointerPart, type Resolve, typeName } from './types/site.ts';

/** What a policy may say about the operations of a contract; keys are names of root fields. */
export type OperationChoices = {
  /** Wire name (`GET /orders/{id}`) → root field, from `names.lock.json` and `policy.yaml`. */
  fieldOf: ReadonlyMap<string, string>;
  kindOf: ReadonlyMap<string, 'query' | 'mutation'>;
  exposure: Exposure;
};

/** One operation: how it is called, and the schemas its types are made of. */
export type ContractOperation = {
  /** As the contract has it, and where. */
  written: Readonly<Record<string, unknown>>;
  pointer: string;
  http: HttpOperation;
  arguments: ArgumentSite[];
  body: ChosenBody | undefined;
  answer: ChosenAnswer;
  /** What its kind was taken from; absent where the policy says it. */
  guess: KindGuess | undefined;
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
/** Letters of a root field's name; an id with more names nothing. */
const MAX_NAME = 240;

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
  servers: unknown;
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
      return [
        {
          wireName,
          path,
          method,
          pointer,
          operation,
          shared: value['parameters'],
          servers: operation['servers'] ?? value['servers'],
        },
      ];
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
  { document, resolve }: Walkable,
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
  const { operationId, tags } = operation;
  if (!choices.exposure.isServed({ field, wireName, method: method.toUpperCase(), path, operationId, tags }))
    return leaveOut(EXCLUDED);
  if (hasSteps(path)) return leaveOut('its path holds `.` or `..`, which could lead out of the endpoint of the source');
  const parameters = mergeParameters(found, resolve);
  if ('fault' in parameters) return leaveOut(`a parameter cannot be read: ${parameters.fault}`);
  const written = follow(operation['requestBody'], resolve);
  if ('fault' in written) return leaveOut(`the request body cannot be read: ${written.fault}`);
  const name = typeName(field);
  const chosen = chooseBody(written.value, resolve, { pointer: `${pointer}/requestBody`, name });
  if (chosen && !canSend(chosen)) {
    const why = `a body of ${chosen.mediaType} cannot be written`;
    if (chosen.required) return leaveOut(why);
    result.notes.push({ pointer: `${pointer}/requestBody`, text: `${why}: the operation is served without it` });
  }
  const body = chosen && canSend(chosen) ? chosen : undefined;
  result.notes.push(...(body?.notes ?? []));
  const answer = chooseAnswer(operation['responses'], resolve, { pointer, name });
  const errors = errorAnswers(operation['responses'], resolve);
  const server = serverPrefix(document, found.servers);
  if ('refused' in server) result.notes.push({ pointer, text: server.refused });
  const security = ownRequirements(document, operation);
  const args = new Set<string>(body ? ['input'] : []);
  const params: WireParameter[] = [];
  const sites: ArgumentSite[] = [];
  for (const parameter of parameters.list) {
    const arg = uniqueName(argName(String(parameter.value['name'])), args);
    params.push(wireParameter(parameter.value, arg));
    sites.push(argumentSite(parameter, arg, name));
  }
  const guess = guessByMethod({ field, method: method.toUpperCase(), path, operationId: operation['operationId'] });
  const said = choices.kindOf.get(field);
  result.operations.push({
    written: operation,
    pointer,
    guess: said === undefined ? guess : undefined,
    http: {
      field,
      kind: said ?? guess.kind,
      method: method.toUpperCase(),
      path,
      prefix: 'prefix' in server ? server.prefix : '',
      ...(security ? { security } : {}),
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
      ...(errors.length > 0 ? { errors } : {}),
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

function fieldName(method: string, path: string, operationId: unknown): string {
  if (typeof operationId === 'string' && operationId.length <= MAX_NAME && /[A-Za-z]/.test(operationId)) {
    return /^[a-z][A-Za-z0-9]*$/.test(operationId) ? operationId : camelCase(operationId);
  }
  const parts = path.split('/').map((part) => part.replace(/\{([^}]*)\}/g, ' by $1'));
  return camelCase(`${method} ${parts.map((part) => part.split(' ').map(pascalCase).join(' ')).join(' ')}`).slice(
    0,
    MAX_NAME,
  );
}

function description(operation: Record<string, unknown>): string | undefined {
  const texts = [operation['summary'], operation['description']].filter(
    (text): text is string => typeof text === 'string' && text.trim() !== '',
  );
  return texts.length === 0 ? undefined : [...new Set(texts.map((text) => text.trim()))].join('\n\n');
}
