import { type FieldDefinitionNode, type InputValueDefinitionNode, Kind } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { words } from '../../lib/names.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import { singularOf } from '../propose/inflect.ts';
import { plain } from './entity-id.ts';
import { type InferSource, noted, noteRead, type Touched } from './touched.ts';

/** Verbs of methods that read (AIP-131, AIP-132, AIP-231). */
const READS = new Set(['get', 'list', 'batchget', 'find', 'search', 'lookup', 'read', 'fetch', 'query']);

/** A method is a verb and a noun (AIP-130): `UpdateBook` changes what `GetBook` and `ListBooks` of its service answer. */
export function inferRpc(field: FieldDefinitionNode, source: InferSource): Touched {
  const touched = noted();
  const own = methodOf(field);
  if (!own || own.noun === '') return touched;
  for (const read of source.queries) {
    const other = methodOf(read);
    if (!other || other.service !== own.service || other.noun !== own.noun || !READS.has(other.verb)) continue;
    noteRead(touched, read, source, (type) => {
      const id = source.idOf(type);
      return id === undefined ? undefined : idArgument(field, source, { type, id, noun: own.noun });
    });
  }
  return touched;
}

function methodOf(field: FieldDefinitionNode): { service: string; verb: string; noun: string } | undefined {
  const [wire] = directivesNamed(field, 'grpcMethod');
  if (!wire) return undefined;
  const [first = '', ...rest] = words(String(wire['methodName'])).map((word) => word.toLowerCase());
  const isBatch = first === 'batch' && rest.length > 1;
  const [verb, noun] = isBatch ? [`batch${rest[0]}`, rest.slice(1)] : [first, rest];
  const last = noun.at(-1);
  const singular = last === undefined ? [] : [...noun.slice(0, -1), singularOf(last)];
  return { service: String(wire['objPath']), verb, noun: singular.join('') };
}

/** Where the request holds the id: `id`, `bookId`, or `book.id`. */
function idArgument(
  field: FieldDefinitionNode,
  { types }: InferSource,
  { type, id, noun }: { type: string; id: string; noun: string },
): string | undefined {
  const names = new Set([id, `${type}${id}`, `${noun}${id}`].map(plain));
  for (const arg of field.arguments ?? []) {
    const input = types.get(namedTypeOf(arg.type).name.value);
    const fields = input?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (input.fields ?? []) : [];
    const direct = fields.find((each) => isSingle(each) && names.has(plain(each.name.value)));
    if (direct) return `${arg.name.value}.${direct.name.value}`;
    const inner = fields.find((each) => isSingle(each) && plain(each.name.value) === noun);
    const node = inner && types.get(namedTypeOf(inner.type).name.value);
    const below = node?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (node.fields ?? []) : [];
    const nested = below.find((each) => isSingle(each) && plain(each.name.value) === plain(id));
    if (inner && nested) return `${arg.name.value}.${inner.name.value}.${nested.name.value}`;
  }
  return undefined;
}

function isSingle({ type }: InputValueDefinitionNode): boolean {
  return type.kind === Kind.NAMED_TYPE || (type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.NAMED_TYPE);
}
