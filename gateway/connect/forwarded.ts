/** Which headers of a client's request may shape what a source answers: those that its calls send on, whatever they are named there. */
import type { HeaderRules } from '../config/headers.ts';
import type { Policy } from '../config/policy.ts';
import { type HeaderLevel, planHeaders } from './header-policy.ts';
import { mayShape } from './key.ts';

/** By operation of a source: names in lower case, sorted. */
export type ForwardedOf = (operation: string) => readonly string[];

/**
 * @param headerRules rules for every source
 * @param given headers that `.meshrc.yaml` sets
 * @throws GatewayError SOURCE_UNAVAILABLE when a header that is set cannot be sent
 */
export function createForwarded(
  source: string,
  headerRules: HeaderRules,
  policy: Policy,
  given: Readonly<Record<string, string>>,
): ForwardedOf {
  const levels: HeaderLevel[] = [{ rules: headerRules }, { rules: policy.headers, given }];
  const common = namesOf(levels, policy, source);
  const own = new Map(
    Object.entries(policy.operations).flatMap(([name, { headers: rules }]) =>
      rules ? [[name, namesOf([...levels, { rules }], policy, source)] as const] : [],
    ),
  );
  return (operation) => own.get(operation) ?? common;
}

function namesOf(levels: readonly HeaderLevel[], { auth }: Policy, source: string): readonly string[] {
  const { forwarded } = planHeaders(levels, source);
  const names = forwarded.flatMap(([from, to]) => (mayShape(from, to) ? [from] : []));
  // Both are laid over all other headers, whatever those rules say.
  if (auth?.passThrough || auth?.tokenExchange) names.push('authorization');
  return [...new Set(names)].sort();
}
