import { isRecord } from '../../lib/json.ts';
import { type OpenapiDocument, resolveRef } from './read.ts';

type Plain = Record<string, unknown>;

const STYLES: Readonly<Record<string, { style: string; explode: boolean }>> = {
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
};
/** Keys of a 2.0 parameter that are its schema in 3.x. */
const SCHEMA_KEYS = ['type', 'format', 'items', 'enum', 'default', 'minimum', 'maximum', 'pattern'];
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

/** A Swagger 2.0 document as OpenAPI 3.0 says the same (OpenAPI 3.0.0, appendix A); other documents as they are. */
export function upgradeSwagger(document: OpenapiDocument): OpenapiDocument {
  if (typeof document['swagger'] !== 'string') return document;
  const paths = Object.entries(document['paths'] as Plain).map(([path, item]) => [path, upgradePath(document, item)]);
  const { definitions, host, basePath, schemes, paths: _paths, swagger: _swagger, ...rest } = document;
  const scheme = Array.isArray(schemes) && schemes.includes('https') ? 'https' : 'http';
  const servers =
    typeof host === 'string' ? [{ url: `${scheme}://${host}${String(basePath ?? '').replace(/\/$/, '')}` }] : [];
  const upgraded = { ...rest, openapi: '3.0.3', servers, paths: Object.fromEntries(paths) };
  return moveRefs({ ...upgraded, components: { schemas: definitions ?? {} } }) as OpenapiDocument;
}

function upgradePath(document: OpenapiDocument, item: unknown): unknown {
  if (!isRecord(item)) return item;
  const { parameters: shared, ...rest } = item;
  const entries = Object.entries(rest).map(([method, operation]) => [
    method,
    METHODS.has(method) && isRecord(operation) ? upgradeOperation(document, operation, shared) : operation,
  ]);
  return Object.fromEntries(entries);
}

function upgradeOperation(document: OpenapiDocument, operation: Plain, shared: unknown): Plain {
  // The operation's own parameters win over those of the path.
  const parameters = new Map<string, unknown>();
  for (const entry of [...listOf(shared), ...listOf(operation['parameters'])]) {
    const parameter = resolveRef(document, entry);
    parameters.set(isRecord(parameter) ? `${parameter['in']} ${parameter['name']}` : `? ${parameters.size}`, parameter);
  }
  const all = [...parameters.values()];
  const isBody = (parameter: unknown): boolean =>
    isRecord(parameter) && (parameter['in'] === 'body' || parameter['in'] === 'formData');
  const consumes = listOf(operation['consumes'] ?? document['consumes']).map(String);
  const produces = listOf(operation['produces'] ?? document['produces']).map(String);
  const requestBody = upgradeBody(all.filter(isBody) as Plain[], consumes);
  const responses = Object.entries(isRecord(operation['responses']) ? operation['responses'] : {});
  return {
    ...operation,
    parameters: all.filter((parameter) => !isBody(parameter)).map(upgradeParameter),
    ...(requestBody ? { requestBody } : {}),
    responses: Object.fromEntries(
      responses.map(([status, response]) => [status, upgradeResponse(resolveRef(document, response), produces)]),
    ),
  };
}

function upgradeBody(parameters: readonly Plain[], consumes: readonly string[]): Plain | undefined {
  const body = parameters.find((parameter) => parameter['in'] === 'body');
  if (body) {
    const media = consumes.length > 0 ? consumes : ['application/json'];
    return { required: body['required'] === true, content: contentOf(media, body['schema'] ?? {}) };
  }
  if (parameters.length === 0) return undefined;
  const hasFile = parameters.some(({ type }) => type === 'file');
  const fallback = hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  const media = consumes.filter((type) => type.startsWith('multipart/') || type.endsWith('-urlencoded'));
  const required = parameters.filter((parameter) => parameter['required'] === true).map(({ name }) => name);
  const properties = parameters.map((parameter) => [String(parameter['name']), schemaOf(parameter)]);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
  };
  return { required: required.length > 0, content: contentOf(media.length > 0 ? media : [fallback], schema) };
}

function upgradeResponse(response: unknown, produces: readonly string[]): unknown {
  if (!isRecord(response) || response['schema'] === undefined) return response;
  const { schema, ...rest } = response;
  return { ...rest, content: contentOf(produces.length > 0 ? produces : ['application/json'], schema) };
}

function upgradeParameter(parameter: unknown): unknown {
  if (!isRecord(parameter)) return parameter;
  const style =
    STYLES[String(parameter['collectionFormat'])] ?? (parameter['type'] === 'array' ? { explode: false } : {});
  const rest = Object.fromEntries(Object.entries(parameter).filter(([key]) => !SCHEMA_KEYS.includes(key)));
  return { ...rest, ...style, schema: schemaOf(parameter) };
}

function schemaOf(parameter: Plain): Plain {
  const entries = SCHEMA_KEYS.flatMap((key) => (parameter[key] === undefined ? [] : [[key, parameter[key]] as const]));
  const schema = Object.fromEntries(entries);
  return schema['type'] === 'file' ? { type: 'string', format: 'binary' } : schema;
}

function contentOf(media: readonly string[], schema: unknown): Plain {
  return Object.fromEntries(media.map((type) => [type, { schema: structuredClone(schema) }]));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `#/definitions/X` → `#/components/schemas/X`, and a discriminator as the object it is in 3.x. */
function moveRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveRefs);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === '$ref' && typeof inner === 'string')
        return [key, inner.replace(/^#\/definitions\//, '#/components/schemas/')];
      if (key === 'discriminator' && typeof inner === 'string') return [key, { propertyName: inner }];
      return [key, moveRefs(inner)];
    }),
  );
}
