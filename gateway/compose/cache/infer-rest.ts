import type { FieldDefinitionNode } from 'graphql';
import { directivesNamed } from '../../lib/sdl.ts';
import { singularOf } from '../propose/inflect.ts';
import { plain } from './entity-id.ts';
import { type InferSource, noted, noteRead, type Touched } from './touched.ts';

type Parameter = { arg?: unknown; name?: unknown; in?: unknown };

/**
 * A resource is what can be read by GET under the path, or under a shorter one: `POST /orders/{id}/cancel` changes the order, and what
 * `GET /orders` lists.
 */
export function inferRest(field: FieldDefinitionNode, source: InferSource): Touched {
  const touched = noted();
  const [wire] = directivesNamed(field, 'httpOperation');
  const segments = segmentsOf(wire);
  const reads = new Map(source.queries.flatMap((read) => readOf(read)));
  for (let length = segments.length; length > 0; length -= 1) {
    const here = segments.slice(0, length);
    const read = reads.get(shapeOf(here));
    const last = parameterIn(here.at(-1) ?? '');
    const before = here.at(-2) ?? '';
    if (!read) continue;
    noteRead(touched, read, source, (type) => {
      const id = source.idOf(type);
      // `{orderId}` and `{order-id}` below `/orders`, or `{id}`: the id of the order; `{number}` is something else.
      const names = [id ?? '', `${type}${id}`, `${singularOf(before.toLowerCase())}${id}`].map(plain);
      return id !== undefined && last !== undefined && names.includes(plain(last)) ? argumentOf(wire, last) : undefined;
    });
  }
  return touched;
}

function readOf(field: FieldDefinitionNode): [string, FieldDefinitionNode][] {
  const [wire] = directivesNamed(field, 'httpOperation');
  return String(wire?.['httpMethod']).toUpperCase() === 'GET' ? [[shapeOf(segmentsOf(wire)), field]] : [];
}

function segmentsOf(wire: Readonly<Record<string, unknown>> | undefined): string[] {
  return String(wire?.['path'] ?? '')
    .split('/')
    .filter((segment) => segment !== '');
}

/** Equal for paths that differ in the names of their parameters alone. */
function shapeOf(segments: readonly string[]): string {
  return segments.map((segment) => segment.replace(/\{[^}]*\}/g, '{}')).join('/');
}

/** The name of a segment that is one parameter and nothing else. */
function parameterIn(segment: string): string | undefined {
  return /^\{([^{}]+)\}$/.exec(segment)?.[1];
}

function argumentOf(wire: Readonly<Record<string, unknown>> | undefined, name: string): string | undefined {
  const params = (Array.isArray(wire?.['params']) ? wire['params'] : []) as Parameter[];
  const found = params.find((parameter) => parameter.in === 'path' && parameter.name === name);
  return typeof found?.arg === 'string' ? found.arg : undefined;
}
