/** Whether the variables of an operation are within their bound: a list of a megabyte of them is refused before anything is made of it. */
import { GatewayError } from '../errors.ts';

/**
 * Each value counts, and each list and object that holds some.
 *
 * @throws GatewayError LIMIT_TOKENS with the limit
 */
export function assertVariables(variables: unknown, limit: number): void {
  if (typeof variables !== 'object' || variables === null) return;
  let count = -1;
  const open: unknown[] = [variables];
  while (open.length > 0) {
    const value = open.pop();
    count += 1;
    if (typeof value !== 'object' || value === null) continue;
    const held = Array.isArray(value) ? value : Object.values(value);
    if (count + open.length + held.length > limit) {
      const message = `The variables hold more than ${limit} values: send fewer at once.`;
      throw new GatewayError('LIMIT_TOKENS', { message, extensions: { limit } });
    }
    for (const each of held) open.push(each);
  }
}
