import { getNamedType } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { DecimalText, isDecimal } from '../../lib/decimal.ts';
import { isRecord } from '../../lib/json.ts';
import { essenceOf, isJsonType, isLinesType, isXmlType } from '../../lib/media-types.ts';
import type { ConnectorOperation } from '../connector.ts';
import { type LeafMapper, type WireArgument, wireArguments } from '../input.ts';
import type { BodyPieces } from '../upload.ts';
import type { AnswerForm } from './answer.ts';
import { type BodyWriter, bodyWriter } from './body.ts';
import { type JsonReader, plainReader } from './decimals.ts';
import { readEncodings, type WrittenBody } from './encoding.ts';
import { formOf } from './form.ts';
import { cookieParameter, headerParameter, type ParameterStyle, queryParameter } from './parameters.ts';
import { preparePath } from './path.ts';
import { statusTeller } from './statuses.ts';
import { createXmlReader } from './xml-reader.ts';
import { createXmlWriter } from './xml-writer.ts';

/** A request without what is the same for all calls of the source. */
export type RestRequest = {
  path: string;
  headers: readonly (readonly [string, string])[];
  body: string | Buffer | BodyPieces | undefined;
};

/** An operation made ready once, so that a call only fills in values. */
export type PreparedRestOperation = AnswerForm & {
  method: string;
  /** Throws GatewayError BAD_REQUEST when the arguments cannot be sent, INTERNAL where the path itself must not be. */
  build(args: Readonly<Record<string, unknown>>): RestRequest;
  /** The value of an answer with what its status says of it. */
  told(status: number, value: unknown): unknown;
};

type Parameter = ParameterStyle & { in: string; argument: WireArgument | undefined };
type Body = { argument: WireArgument | undefined; write: BodyWriter | undefined };

/** What stands for a whole document: XML that the contract does not describe is passed on as it is. */
const TEXTS = new Set(['String', 'Bytes', 'Void']);

/** Reads `@httpOperation` of a root field: where each argument goes, and how the body is written. */
export function prepareRestOperation(
  operation: ConnectorOperation,
  source: string,
  json: JsonReader = plainReader,
): PreparedRestOperation {
  const { wire, field } = operation;
  const parameters = prepareParameters(operation, source);
  const body = isRecord(wire['body']) ? prepareBody(wire['body'], operation, source) : undefined;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const elsewhere = parameters.filter((parameter) => parameter.in !== 'path');
  const pathArguments = new Map(inPath.map(({ name, argument }) => [name, argument]));
  const fillPath = preparePath(String(wire['path']), inPath);

  const accept = typeof wire['accept'] === 'string' && wire['accept'] !== '' ? wire['accept'] : undefined;
  const { name: answered } = getNamedType(field.type);
  const isMarkup = accept !== undefined && isXmlType(accept) && !TEXTS.has(answered);

  return {
    method: String(wire['httpMethod']).toUpperCase(),
    accept,
    isBytes: answered === 'Bytes',
    form: formOf(field, source),
    json,
    readXml: isMarkup ? createXmlReader(field, source) : undefined,
    told: statusTeller(field, source),
    build: (args) => {
      const filled = fillPath((name) => argumentValue(pathArguments.get(name), args));
      if ('refused' in filled) {
        if (filled.refused === undefined) throw leadsOut(source, field.name);
        const argument = pathArguments.get(filled.refused)?.name ?? filled.refused;
        throw refused(
          source,
          `The argument ${argument} of ${field.name} cannot stand in a path: give it another value.`,
        );
      }
      try {
        const { query, headers } = placeParameters(elsewhere, args);
        const path = query === '' ? filled.path : `${filled.path}${filled.path.includes('?') ? '&' : '?'}${query}`;
        const written = body && writeBody(body, args, field.name, source);
        if (written) headers.push(['content-type', written.contentType]);
        return { path, headers, body: written?.body };
      } catch (cause) {
        if (cause instanceof GatewayError && cause.source === undefined) throw refused(source, cause.message, cause);
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

function prepareParameters(operation: ConnectorOperation, source: string): Parameter[] {
  const params = (Array.isArray(operation.wire['params']) ? operation.wire['params'] : []).filter(isRecord);
  const plain = argumentsByName(operation, source);
  const exact = params.some((param) => param['content'] !== undefined)
    ? argumentsByName(operation, source, exactNumber)
    : plain;
  return params.map((param): Parameter => {
    const { content } = param;
    const isJson = typeof content === 'string' && isJsonType(content);
    return {
      name: String(param['name']),
      in: String(param['in']),
      style: String(param['style']),
      explode: param['explode'] === true,
      ...(typeof content === 'string' ? { content } : {}),
      ...(param['allowReserved'] === true ? { allowReserved: true } : {}),
      ...(Array.isArray(param['inner']) ? { inner: param['inner'].map(String) } : {}),
      argument: (isJson ? exact : plain).get(String(param['arg'])),
    };
  });
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
  const isXml = isXmlType(mediaType);
  const isJson = isJsonType(mediaType) || isLinesType(mediaType);
  const isText = isJson || isXml || essenceOf(mediaType) === 'application/x-www-form-urlencoded';
  const argument = argumentsByName(operation, source, isJson ? exactNumber : isText ? exactInteger : exactAndRaw).get(
    String(wire['arg']),
  );
  const taken = operation.field.args.find(({ name }) => name === argument?.name);
  const isMarkup = taken && isXml && !TEXTS.has(getNamedType(taken.type).name);
  const writeXml = isMarkup ? createXmlWriter(taken, source) : undefined;
  return { argument, write: bodyWriter(mediaType, readEncodings(wire['encoding']), writeXml) };
}

function writeBody(
  body: Body,
  args: Readonly<Record<string, unknown>>,
  name: string,
  source: string,
): WrittenBody | undefined {
  const value = argumentValue(body.argument, args);
  if (value === undefined || value === null) return undefined;
  const written = body.write?.(value);
  if (written) return written;
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

/** Scalars of which a string of digits can be no value of the wire: beside them, digits are always a number. */
const NEVER_DIGITS = new Set(['Boolean', 'Int', 'Float', 'UInt32', 'Int64', 'UInt64', 'Date', 'DateTime', 'UUID']);

/**
 * 64-bit integers are strings or numbers inside the gateway and numbers in JSON, where no digit may get lost. What takes text beside
 * them (`Int64OrString`) gets text as it came.
 */
const exactInteger: LeafMapper = ({ name }) => {
  const parts = name.split('Or');
  const isInteger = parts.includes('Int64') || parts.includes('UInt64');
  return isInteger && parts.every((part) => NEVER_DIGITS.has(part)) ? toInteger : undefined;
};

/** The same, and decimal numbers with exactly their digits: for JSON, and nothing else that numbers could be written in. */
const exactNumber: LeafMapper = (type) => {
  const parts = type.name.split('Or');
  // What takes text beside numbers gets text as it came.
  if (!parts.includes('Decimal') || parts.some((part) => part !== 'Decimal' && part !== 'Boolean'))
    return exactInteger(type);
  return toDecimal;
};

function toDecimal(value: unknown): unknown {
  return typeof value === 'string' && isDecimal(value) ? new DecimalText(value) : value;
}

/** The same where bytes are sent as they are: base64 is only how GraphQL writes them. */
const exactAndRaw: LeafMapper = (type) => (type.name === 'Bytes' ? toBytes : exactInteger(type));

function toBytes(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
}

function toInteger(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : value;
}

function argumentValue(argument: WireArgument | undefined, args: Readonly<Record<string, unknown>>): unknown {
  return argument?.map(args[argument.name]);
}

/** No caller can mend it: the ingest leaves such operations out. */
function leadsOut(source: string, name: string): GatewayError {
  const message = `The path of ${name} leads out of the endpoint of its source: import the contract again.`;
  return new GatewayError('INTERNAL', { source, message });
}

function refused(source: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { source, message, cause });
}
