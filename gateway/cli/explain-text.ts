/** An explanation as a tree for a terminal. */
import type { Explained, ExplainedCall } from '../execute/explain.ts';
import type { AskAnswer } from './ask.ts';

export type ExplainAnswer = AskAnswer<{ explain?: Explained }>;

/** One line per field that needs calls: what is called, how keys travel, what is expected and what it came to. */
export function explainText({ extensions }: ExplainAnswer): string {
  const explained = extensions?.explain;
  if (!explained) return '';
  const { operation, predictedCalls, madeCalls, calls, truncated } = explained;
  const made = madeCalls === undefined ? '' : `, ${madeCalls} made`;
  const head = [operation.kind, operation.name].filter((part) => part !== null).join(' ');
  const lines = [
    `${head}: ${count(predictedCalls, 'call')} expected${made}`,
    ...branches(calls, ''),
    ...keepingOf(explained),
  ];
  for (const { path, coordinate } of explained.denied ?? []) lines.push(`✗  ${path}  denied: ${coordinate}`);
  if (truncated === true) lines.push('… and more that is not shown');
  return `${lines.join('\n')}\n`;
}

/** Whether the whole answer is kept, and what the cache did. */
function keepingOf({ cache }: Explained): string[] {
  if (!cache) return [];
  const { kept, why, scope, maxAgeMs = 0, askedOfSources, headers } = cache;
  const { outcome, reason } = cache as { outcome?: string; reason?: string };
  const how = kept
    ? `kept for ${maxAgeMs / 1000} s, ${scope === 'PRIVATE' ? 'for each principal' : 'for everybody'}`
    : 'not kept';
  const facts = [
    `${how}: ${why}`,
    ...(askedOfSources ? [`if their sources say for how long: ${askedOfSources.join(', ')}`] : []),
    ...(headers ? [`apart by ${headers.join(', ')}`] : []),
    ...(outcome === undefined ? [] : [`${outcome.toUpperCase()}: ${reason}`]),
  ];
  return [`answer ${facts.join(' · ')}`];
}

function branches(calls: readonly ExplainedCall[], indent: string): string[] {
  return calls.flatMap((call, index) => {
    const isLast = index === calls.length - 1;
    const below = `${indent}${isLast ? '   ' : '│  '}`;
    const keys = (call.keysFrom ?? []).map(
      (each) =>
        `${below}${call.calls.length > 0 ? '│' : ' '}  key from ${each.source}.${each.operation} ${facts(each)}`,
    );
    return [`${indent}${isLast ? '└─ ' : '├─ '}${lineOf(call)}`, ...keys, ...branches(call.calls, below)];
  });
}

function lineOf(call: ExplainedCall): string {
  const on = call.on ? ` on ${shortened(call.on)}` : '';
  return `${call.path}${on}  ${call.kind} ${call.source}.${call.operation} ${facts(call)}`;
}

function facts({
  group,
  batchSize,
  predicted,
  real,
  policy,
}: Pick<ExplainedCall, 'group' | 'batchSize' | 'predicted' | 'real' | 'policy'>): string {
  const parts = [`#${group}`];
  if (batchSize !== undefined) parts.push(batchSize === 1 ? 'key by key' : `up to ${batchSize} keys a call`);
  if (predicted) {
    const keys = predicted.keys > 0 ? ` for ${count(predicted.keys, 'key')}` : '';
    parts.push(`expected ${count(predicted.calls, 'call')}${keys}`);
  } else parts.push('shares calls with one above');
  if (real) {
    const keys = real.keys > 0 ? ` for ${count(real.keys, 'key')}` : '';
    const marks = [
      ...Object.entries(real.cache).map(([state, times]) => `cache ${state} ×${times}`),
      ...(real.unrequested > 0 ? [`dropped ${count(real.unrequested, 'row')} nobody asked for`] : []),
      ...(real.coalesced > 0 ? [`shared ×${real.coalesced}`] : []),
      ...Object.entries(real.outcomes).flatMap(([code, times]) => (code === 'ok' ? [] : [`${code} ×${times}`])),
    ];
    const took = `${Math.round(real.ms.most * 10) / 10} ms, ${real.bytes} B`;
    parts.push([`made ${count(real.calls, 'call')}${keys}, ${took}`, ...marks].join(', '));
  }
  const cache = policy['cache'];
  if (cache !== undefined && cache !== 'off') {
    parts.push(typeof cache === 'string' ? `cached ${cache}` : `cached ${JSON.stringify(cache)}`);
  }
  return `[${parts.join(' · ')}]`;
}

function shortened(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
