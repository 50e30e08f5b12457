/** Which fields of an answer a read asks for, where its request has a field mask for it (AIP-157). */
import type protobuf from 'protobufjs';
import { messageOf, oneofOf } from './shape.ts';
import { wellKnown } from './well-known.ts';

/** Names that say a mask is about what is read (AIP-157); `update_mask` is about what is written. */
const NAMES = ['read_mask', 'field_mask', 'response_mask'];
const FIELD_MASK = '.google.protobuf.FieldMask';
/** Longer masks ask for nearly everything. */
const MAX_PATHS = 200;
const MAX_DEPTH = 16;

/**
 * The request with its mask filled in; the same request where it has one already, and where there is no mask that surely gives all
 * that is asked for.
 *
 * @param plain the message as `fromObject` of protobufjs takes it
 * @param paths what of the answer is asked for: names of the proto with dots between them, through lists and oneofs too
 */
export type FillMask = (
  plain: Readonly<Record<string, unknown>>,
  paths: readonly string[],
) => Readonly<Record<string, unknown>>;

/** How the mask of a request is filled; undefined where it has none for reading. */
export function createFillMask(request: protobuf.Type, response: protobuf.Type): FillMask | undefined {
  const field = NAMES.map((name) => fieldOf(request, name)).find(
    (each) => each !== undefined && !each.repeated && messageOf(each)?.fullName === FIELD_MASK && !oneofOf(each),
  );
  if (!field) return undefined;
  const rows = rowsOf(response);
  return (plain, paths) => {
    if (plain[field.name] !== undefined || paths.length === 0 || paths.length > MAX_PATHS) return plain;
    const mask = maskOf(response, rows, paths);
    return mask ? Object.assign(Object.create(null), plain, { [field.name]: { paths: mask } }) : plain;
  };
}

/** What a page of rows, or a batch of them, holds them in: the mask of a list is about its rows (AIP-157, AIP-231). */
function rowsOf(response: protobuf.Type): protobuf.Field | undefined {
  const fields = response.fieldsArray.map((field) => field.resolve());
  const [rows, second] = fields.filter((field) => field.repeated && messageOf(field) !== undefined);
  const isPage = fields.every((field) => field === rows || (!messageOf(field) && !field.repeated && !field.map));
  if (!rows || second || !isPage) return undefined;
  return fields.length === 1 || fields.some(({ name }) => name === 'next_page_token') ? rows : undefined;
}

/** Undefined when a path cannot be said in a mask, or a mask would leave out what is asked for. */
function maskOf(
  response: protobuf.Type,
  rows: protobuf.Field | undefined,
  paths: readonly string[],
): string[] | undefined {
  const type = rows ? messageOf(rows) : response;
  if (!type) return undefined;
  const mask = new Set<string>();
  for (const path of paths) {
    const parts = path.split('.');
    if (rows) {
      // What stands beside the rows comes with every page.
      if (parts[0] !== rows.name) {
        if (!fieldOf(response, parts[0] ?? '')) return undefined;
        continue;
      }
      parts.shift();
      // The rows as a whole.
      if (parts.length === 0) return undefined;
    }
    const steps = stepsOf(type, parts);
    if (!steps) return undefined;
    for (const each of steps) mask.add(each);
  }
  return mask.size > 0 ? shortest(mask) : undefined;
}

/**
 * A path as a mask has it: a oneof is no step, and what is repeated can only be the last (google.protobuf.FieldMask). A oneof as a whole is
 * all its members.
 */
function stepsOf(type: protobuf.Type, parts: readonly string[]): string[] | undefined {
  if (parts.length > MAX_DEPTH) return undefined;
  const steps: string[] = [];
  let inside: protobuf.Type | undefined = type;
  let oneof: protobuf.OneOf | undefined;
  for (const part of parts) {
    // Below a scalar, or a message that is shown as one, no mask can reach.
    if (!inside || wellKnown(inside.fullName)) return [steps.join('.')];
    const { oneofs = {} }: protobuf.Type = inside;
    oneof = Object.hasOwn(oneofs, part) ? oneofs[part] : undefined;
    if (oneof) continue;
    const field = fieldOf(inside, part);
    if (!field) return undefined;
    steps.push(field.name);
    if (field.repeated || field.map) return [steps.join('.')];
    inside = messageOf(field);
  }
  if (oneof) return oneof.fieldsArray.map(({ name }) => [...steps, name].join('.'));
  return steps.length > 0 ? [steps.join('.')] : undefined;
}

function fieldOf(type: protobuf.Type, name: string): protobuf.Field | undefined {
  return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** Without the paths that others contain. */
function shortest(paths: ReadonlySet<string>): string[] {
  return [...paths].filter((path) => {
    const parts = path.split('.');
    return !parts.some((_part, end) => end > 0 && paths.has(parts.slice(0, end).join('.')));
  });
}
