import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { ConnectorOperation } from '../connector.ts';
import { type LeafMapper, type WireArgument, wireArguments } from '../input.ts';
import { type BodyWriter, bodyWriter, isJsonType } from './body.ts';
import { cookieParameter, headerParameter, type ParameterStyle, queryParameter } from './parameters.ts';
import { preparePath } from './path.ts';

/** A request without what is the same for all calls of the source. */
export type RestRequest = {
  path: string;
  headers: readonly (readonly [string, string])[];
  body: string | undefined;
};

/** An operation made ready once, so that a call only fills in values. */
export type PreparedRestOperation = {
  method: string;
  /** The media type the contract promises; undefined where it promises no body. */
  accept: string | undefined;
  /** Throws GatewayError BAD_REQUEST when the arguments cannot be sent. */
  build(args: Readonly<Record<string, unknown>>): RestRequest;
};

type Parameter = ParameterStyle & { in: string; argument: WireArgument | undefined };
type Body = { mediaType: string; argument: WireArgument | undefined; write: BodyWriter | undefined };

/** Reads `@httpOperation` of a root field: where each argument goes, and how the body is written. */
export function prepareRestOperation(operation: ConnectorOperation, source: string): PreparedRestOperation {
  const { wire, field } = operation;
  const plain = argumentsByName(operation, source);
  const parameters = (Array.isArray(wire['params']) ? wire['params'] : []).filter(isRecord).map(
    (param): Parameter => ({
      name: String(param['name']),
      in: String(param['in']),
      style: String(param['style']),
      explode: param['explode'] === true,
      argument: plain.get(String(param['arg'])),
    }),
  );
  const body = isRecord(wire['body']) ? prepareBody(wire['body'], operation, source) : undefined;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const elsewhere = parameters.filter((parameter) => parameter.in !== 'path');
  const pathArguments = new Map(inPath.map(({ name, argument }) => [name, argument]));
  const fillPath = preparePath(String(wire['path']), inPath);

  return {
    method: String(wire['httpMethod']).toUpperCase(),
    accept: typeof wire['accept'] === 'string' && wire['accept'] !== '' ? wire['accept'] : undefined,
    build: (args) => {
      const filled = fillPath((name) => argumentValue(pathArguments.get(name), args));
      if ('refused' in filled) {
        const argument = pathArguments.get(filled.refused)?.name ?? filled.refused;
        throw refused(
          source,
          `The argument ${argument} of ${field.name} cannot stand in a path: give it another value.`,
        );
      }
      try {
        const { query, headers } = placeParameters(elsewhere, args);
        const path = query === '' ? filled.path : `${filled.path}${filled.path.includes('?') ? '&' : '?'}${query}`;
        const text = body && writeBody(body, args, field.name, source);
        if (body && text !== undefined) headers.push(['content-type', body.mediaType]);
        return { path, headers, body: text };
      } catch (cause) {
        if (!(cause instanceof URIError)) throw cause;
        throw refused(
          source,
          `An argument of ${field.name} holds half a character: send whole Unicode characters.`,
          cause,
        );
      }
    },
  };
}

function placeParameters(
  parameters: readonly Parameter[],
  args: Readonly<Record<string, unknown>>,
): { query: string; headers: [string, string][] } {
  const query: string[] = [];
  const cookies: string[] = [];
  const headers: [string, string][] = [];
  for (const parameter of parameters) {
    const value = argumentValue(parameter.argument, args);
    if (value === undefined || value === null) continue;
    if (parameter.in === 'header') headers.push([parameter.name, headerParameter(parameter, value)]);
    else if (parameter.in === 'cookie') cookies.push(cookieParameter(parameter, value));
    else query.push(queryParameter(parameter, value));
  }
  const sent = cookies.filter((pair) => pair !== '');
  if (sent.length > 0) headers.push(['cookie', sent.join('; ')]);
  return { query: query.filter((pair) => pair !== '').join('&'), headers };
}

function prepareBody(wire: Record<string, unknown>, operation: ConnectorOperation, source: string): Body {
  const mediaType = String(wire['mediaType']);
  const leafOf = isJsonType(mediaType) ? exactInteger : undefined;
  const argument = argumentsByName(operation, source, leafOf).get(String(wire['arg']));
  return { mediaType, argument, write: bodyWriter(mediaType) };
}

function writeBody(body: Body, args: Readonly<Record<string, unknown>>, name: string, source: string) {
  const value = argumentValue(body.argument, args);
  if (value === undefined || value === null) return undefined;
  if (body.write) return body.write(value);
  throw refused(source, `${name} takes a body of a media type that cannot be sent from GraphQL: leave the body out.`);
}

/** Arguments under both of their names: contracts are written with the one, renamed schemas with the other. */
function argumentsByName(
  operation: ConnectorOperation,
  source: string,
  leafOf?: LeafMapper,
): Map<string, WireArgument> {
  const byWireName = wireArguments(operation.field, source, leafOf);
  return new Map([...[...byWireName.values()].map((argument) => [argument.name, argument] as const), ...byWireName]);
}

/** 64-bit integers are strings or numbers inside the gateway and numbers in JSON, where no digit may get lost. */
const exactInteger: LeafMapper = ({ name }) => (name === 'Int64' || name === 'UInt64' ? toInteger : undefined);

function toInteger(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : value;
}

function argumentValue(argument: WireArgument | undefined, args: Readonly<Record<string, unknown>>): unknown {
  return argument?.map(args[argument.name]);
}

function refused(source: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { source, message, cause });
}
