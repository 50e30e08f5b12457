import { isRecord } from '../../lib/json.ts';
import { isData, isMap, type OpenapiDocument } from './refs.ts';
import { contentOf, schemaOf, upgradeBody, upgradeParameter } from './swagger-parameters.ts';

type Plain = Record<string, unknown>;
/** The value behind a reference, or what it was given where that is none or leads nowhere. */
type Follow = (value: unknown) => unknown;

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);
const ANY_JSON = /^application\/([^;]*\+)?json\b/i;

/**
 * A Swagger 2.0 document as OpenAPI 3.0 says the same (OpenAPI 3.0.0, appendix A); other documents as they are. Schemas stand
 * under `components.schemas`, references to them have to say so already. Nothing of the document is changed.
 *
 * @param follow follows references, of which those to parameters, answers and path items do not stay
 */
export function upgradeSwagger(document: OpenapiDocument, follow: Follow): OpenapiDocument {
  if (document['swagger'] === undefined) return document;
  const { definitions, paths, info, tags, externalDocs } = document;
  const upgraded = Object.entries(isRecord(paths) ? paths : {}).map(([path, item]) => [
    path,
    upgradePath(document, item, follow),
  ]);
  const extensions = Object.entries(document).filter(([key]) => key.startsWith('x-'));
  return {
    ...Object.fromEntries(extensions),
    openapi: '3.0.3',
    info,
    ...(tags === undefined ? {} : { tags }),
    ...(externalDocs === undefined ? {} : { externalDocs }),
    servers: servers(document),
    paths: Object.fromEntries(upgraded),
    components: { schemas: isRecord(definitions) ? definitions : {}, ...securitySchemes(document) },
    ...(document['security'] === undefined ? {} : { security: document['security'] }),
  };
}

/** A 2.0 value in the spelling of 3.0, at any depth: `discriminator`, `x-nullable`, `type: file`. A copy. */
export function modernize(root: unknown): unknown {
  const done = new Map<object, unknown>();

  function copy(value: unknown, names: boolean): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const before = done.get(value);
    if (before !== undefined) return before;
    const copied = Array.isArray(value) ? value.map((item) => copy(item, false)) : copyRecord(value as Plain, names);
    done.set(value, copied);
    return copied;
  }

  function copyRecord(value: Plain, names: boolean): Plain {
    const entries = Object.entries(value).map(([key, inner]) => {
      return [key, !names && isData(key) ? inner : copy(inner, !names && isMap(key))] as const;
    });
    const copied = Object.fromEntries(entries);
    return names ? copied : respelled(copied);
  }

  return copy(root, false);
}

function respelled({ 'x-nullable': nullable, ...value }: Plain): Plain {
  if (nullable === true) value['nullable'] = true;
  if (typeof value['discriminator'] === 'string') value['discriminator'] = { propertyName: value['discriminator'] };
  if (value['type'] === 'file') Object.assign(value, { type: 'string', format: 'binary' });
  return value;
}

function servers({ host, basePath, schemes }: Plain): Plain[] {
  if (typeof host !== 'string' || host === '') return [];
  const listed = listOf(schemes).filter((scheme) => scheme === 'http' || scheme === 'https');
  const scheme = listed.includes('https') ? 'https' : 'http';
  return [{ url: `${scheme}://${host}${typeof basePath === 'string' ? basePath.replace(/\/+$/, '') : ''}` }];
}

/** `securityDefinitions` in the spelling of 3.0; only the flow that needs no person has a use here. */
function securitySchemes({ securityDefinitions: definitions }: Plain): { securitySchemes?: Plain } {
  if (!isRecord(definitions)) return {};
  const schemes = Object.entries(definitions).map(([name, scheme]) => {
    if (!isRecord(scheme)) return [name, scheme];
    const { type, flow, tokenUrl, scopes } = scheme;
    if (type === 'basic') return [name, { type: 'http', scheme: 'basic' }];
    if (type !== 'oauth2' || flow !== 'application') return [name, scheme];
    return [name, { type, flows: { clientCredentials: { tokenUrl, scopes } } }];
  });
  return { securitySchemes: Object.fromEntries(schemes) };
}

function upgradePath(document: Plain, item: unknown, follow: Follow): unknown {
  const followed = follow(item);
  if (!isRecord(followed)) return item;
  const { parameters: shared, ...rest } = followed;
  const entries = Object.entries(rest).map(([method, operation]) => [
    method,
    METHODS.has(method) && isRecord(operation) ? upgradeOperation(document, operation, shared, follow) : operation,
  ]);
  return Object.fromEntries(entries);
}

function upgradeOperation(document: Plain, operation: Plain, shared: unknown, follow: Follow): Plain {
  const all = mergeParameters([...listOf(shared), ...listOf(operation['parameters'])].map(follow));
  const bodies = all.filter(isBody);
  const { consumes: _consumes, produces: _produces, schemes: _schemes, ...rest } = operation;
  const requestBody = upgradeBody(bodies, mediaOf(operation['consumes'] ?? document['consumes']));
  const produces = mediaOf(operation['produces'] ?? document['produces']);
  const responses = Object.entries(isRecord(operation['responses']) ? operation['responses'] : {});
  return {
    ...rest,
    parameters: all.filter((parameter) => !isBody(parameter)).map(upgradeParameter),
    ...(requestBody ? { requestBody } : {}),
    responses: Object.fromEntries(
      responses.map(([status, response]) => [status, upgradeResponse(follow(response), produces)]),
    ),
  };
}

/** The operation's own parameters win over those of the path (Swagger 2.0, Path Item Object). */
function mergeParameters(parameters: readonly unknown[]): unknown[] {
  const merged = new Map<string, unknown>();
  for (const parameter of parameters) {
    const isKnown = isRecord(parameter) && parameter['name'] !== undefined;
    merged.set(isKnown ? `${parameter['in']} ${parameter['name']}` : `? ${merged.size}`, parameter);
  }
  return [...merged.values()];
}

function isBody(parameter: unknown): parameter is Plain {
  return isRecord(parameter) && (parameter['in'] === 'body' || parameter['in'] === 'formData');
}

function upgradeResponse(response: unknown, produces: readonly string[]): unknown {
  if (!isRecord(response) || response['$ref'] !== undefined) return response;
  const { schema, examples, headers, ...rest } = response;
  const upgraded: Plain = isRecord(headers) ? { ...rest, headers: upgradeHeaders(headers) } : rest;
  if (schema === undefined) return upgraded;
  const shown = isRecord(examples) ? examples : {};
  const content = Object.entries(contentOf(answerMedia(schema, produces), schema)).map(([type, media]) => {
    return [type, type in shown && isRecord(media) ? { ...media, example: shown[type] } : media];
  });
  return { ...upgraded, content: Object.fromEntries(content) };
}

/** A file is never JSON, also where the document says of all answers that they are. */
function answerMedia(schema: unknown, produces: readonly string[]): readonly string[] {
  const isFile = isRecord(schema) && schema['type'] === 'string' && schema['format'] === 'binary';
  if (!isFile) return produces.length > 0 ? produces : ['application/json'];
  const files = produces.filter((type) => !ANY_JSON.test(type));
  return files.length > 0 ? files : ['application/octet-stream'];
}

function upgradeHeaders(headers: Plain): Plain {
  const upgraded = Object.entries(headers).map(([name, header]) => {
    if (!isRecord(header)) return [name, header];
    return [name, { description: header['description'], schema: schemaOf(header) }];
  });
  return Object.fromEntries(upgraded);
}

function mediaOf(value: unknown): string[] {
  return listOf(value).filter((type): type is string => typeof type === 'string' && type.includes('/'));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
