/** Which headers a call is sent with: the rules of all levels as one plan, made once for each operation. */
import type { HeaderRules } from '../config/headers.ts';
import { isOwnHeader } from '../config/headers.ts';
import { GatewayError } from '../errors.ts';
import { type HeaderField, isConnectionHeader, isHeaderName, isHeaderValue } from '../lib/header-fields.ts';

/** What the rules come to. */
export type HeaderPlan = {
  /** Headers of the client's request that are sent on: its name there, and the name they are sent under. */
  forwarded: readonly (readonly [from: string, to: string])[];
  /** Headers of every call, stronger than what the operation or the client sends. */
  set: readonly HeaderField[];
  /** Headers that are not sent, whoever else says so. */
  removed: ReadonlySet<string>;
};

/** Rules of one level; `given` are headers that `.meshrc.yaml` sets there, weaker than what the level itself sets or removes. */
export type HeaderLevel = { rules: Partial<HeaderRules>; given?: Readonly<Record<string, string>> };

type Action = { kind: 'forward'; from: string } | { kind: 'set'; value: string } | { kind: 'remove' };

/**
 * Makes the plan of an operation. The narrowest level that names a header decides about it alone: a header that is sent has one
 * origin, a header of the client goes out under one name. Within a level `set` is stronger than what is forwarded.
 *
 * @param levels from the widest to the narrowest
 * @throws GatewayError SOURCE_UNAVAILABLE when a header that is set cannot be sent; the message does not tell its value
 */
export function planHeaders(levels: readonly HeaderLevel[], source: string): HeaderPlan {
  const actions = new Map<string, Action>();
  for (const level of levels) applyLevel(actions, level, source);
  const plan = { forwarded: [] as [string, string][], set: [] as HeaderField[], removed: new Set<string>() };
  for (const [name, action] of actions) {
    // What the file cannot say may still come from elsewhere.
    if (isConnectionHeader(name)) continue;
    if (action.kind === 'set') plan.set.push([name, action.value]);
    else if (action.kind === 'remove') plan.removed.add(name);
    else if (!isOwnHeader(name) && !isConnectionHeader(action.from)) plan.forwarded.push([action.from, name]);
  }
  return plan;
}

function applyLevel(actions: Map<string, Action>, { rules, given = {} }: HeaderLevel, source: string): void {
  const decide = (name: string, action: Action): void => {
    // A new place, so that sets stand in the order of their levels.
    actions.delete(name);
    actions.set(name, action);
  };
  const forward = (from: string, to: string): void => {
    for (const [name, action] of actions) if (action.kind === 'forward' && action.from === from) actions.delete(name);
    decide(to, { kind: 'forward', from });
  };
  for (const name of rules.forward ?? []) forward(name.toLowerCase(), name.toLowerCase());
  for (const [from, to] of Object.entries(rules.rename ?? {})) forward(from.toLowerCase(), to.toLowerCase());
  for (const [name, value] of Object.entries(given)) decide(...settable(name, value, source));
  for (const name of rules.remove ?? []) decide(name.toLowerCase(), { kind: 'remove' });
  for (const [name, secret] of Object.entries(rules.set ?? {})) decide(...settable(name, secret.reveal(), source));
}

function settable(name: string, value: string, source: string): [string, Action] {
  const lower = name.toLowerCase();
  if (isHeaderName(lower) && isHeaderValue(value)) return [lower, { kind: 'set', value }];
  throw new GatewayError('SOURCE_UNAVAILABLE', {
    source,
    message: `The header ${JSON.stringify(lower)} that is set for this source cannot be sent: remove line breaks and control characters.`,
  });
}
