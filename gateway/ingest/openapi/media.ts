import { isRecord } from '../../lib/json.ts';
import { type OpenapiDocument, resolveRef } from './read.ts';

export type ChosenBody = { mediaType: string; required: boolean; normalized: unknown };
/** `mediaType` is empty where the operation answers without a body. */
export type ChosenResponse = { mediaType: string; normalized: unknown };

/** The request body as one media type: JSON first, then what is listed first. `null` for none, undefined when it cannot be resolved. */
export function chooseBody(document: OpenapiDocument, requestBody: unknown): ChosenBody | null | undefined {
  if (requestBody === undefined || requestBody === null) return null;
  const body = resolveRef(document, requestBody);
  if (!isRecord(body)) return undefined;
  const chosen = chooseContent(body['content']);
  if (!chosen) return null;
  return {
    mediaType: chosen.mediaType,
    required: body['required'] === true,
    normalized: {
      content: { 'application/json': { schema: chosen.schema } },
    },
  };
}

/**
 * The answer of an operation: the lowest 2xx response with a body, else the lowest 2xx, else `default`.
 * Error responses are not part of the type: they become coded errors.
 */
export function chooseResponse(document: OpenapiDocument, responses: unknown): ChosenResponse | undefined {
  const entries = isRecord(responses) ? Object.entries(responses) : [];
  const successes = entries.filter(([status]) => /^2(\d\d|XX)$/i.test(status)).sort(([a], [b]) => (a < b ? -1 : 1));
  const candidates = successes.length > 0 ? successes : entries.filter(([status]) => status === 'default');
  const resolved = candidates.map(([, response]) => resolveRef(document, response));
  if (resolved.some((response) => !isRecord(response))) return undefined;
  for (const response of resolved) {
    const chosen = isRecord(response) ? chooseContent(response['content']) : undefined;
    if (chosen) {
      const schema = isJson(chosen.mediaType) ? chosen.schema : { type: 'string' };
      return {
        mediaType: chosen.mediaType,
        normalized: { '200': { description: '', content: { 'application/json': { schema } } } },
      };
    }
  }
  return { mediaType: '', normalized: { '204': { description: '' } } };
}

/** Whether a media type is JSON by RFC 6839 §3.1 (`application/json`, `application/problem+json`…). */
export function isJson(mediaType: string): boolean {
  const essence = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return essence === 'application/json' || essence.endsWith('+json') || essence === '*/*';
}

function chooseContent(content: unknown): { mediaType: string; schema: unknown } | undefined {
  const entries = isRecord(content) ? Object.entries(content) : [];
  const [mediaType, media] = entries.find(([type]) => isJson(type)) ?? entries[0] ?? [];
  if (mediaType === undefined) return undefined;
  const schema = isRecord(media) && media['schema'] !== undefined ? media['schema'] : {};
  return { mediaType: mediaType === '*/*' ? 'application/json' : mediaType, schema };
}
