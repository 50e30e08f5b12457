import type { Upload } from '../connect/upload.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import type { Params } from './params.ts';

/** Places of all files together. */
const MAX_PATHS = 100;
const MAX_STEPS = 32;

/**
 * Puts files where the map says, in place of null (GraphQL multipart request specification, §"File list" and "Single file"). In place.
 *
 * @param map name of a part → paths such as `variables.input.files.0`
 * @param fileOf the file of a part that is still to come
 * @throws GatewayError BAD_REQUEST
 */
export function placeFiles(
  operations: Params,
  map: Readonly<Record<string, unknown>>,
  maxFiles: number,
  fileOf: (key: string) => Upload,
): void {
  const entries = Object.entries(map);
  if (entries.length > maxFiles) throw refused(`it names more than ${maxFiles} files`);
  let left = MAX_PATHS;
  for (const [key, paths] of entries) {
    if (!Array.isArray(paths) || paths.length === 0) throw refused('it is an object of names and lists of paths');
    const file = fileOf(key);
    for (const path of paths) {
      left -= 1;
      if (left < 0) throw refused(`it has more than ${MAX_PATHS} paths`);
      place(operations, path, file);
    }
  }
}

function place(operations: Params, path: unknown, file: Upload): void {
  const steps = typeof path === 'string' ? path.split('.') : [];
  const last = steps.pop();
  const misplaced = refused(`${JSON.stringify(String(path).slice(0, 100))} is no place of a variable that is null`);
  if (last === undefined || steps[0] !== 'variables' || steps.length > MAX_STEPS) throw misplaced;
  let holder: unknown = operations;
  for (const step of steps) holder = own(holder, step);
  if (own(holder, last) !== null) throw misplaced;
  if (Array.isArray(holder)) holder[Number(last)] = file;
  else if (isRecord(holder)) holder[last] = file;
}

/** A property of the value's own: paths are the client's, and every object has a constructor. */
function own(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^\d{1,6}$/.test(step) ? (value[Number(step)] as unknown) : undefined;
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function refused(why: string): GatewayError {
  return new GatewayError('BAD_REQUEST', { message: `The part "map" cannot be followed: ${why}.` });
}
