/** The short way executes as Envelop does: the same hooks see the same, in the same order. */
import { envelop, useEngine } from '@envelop/core';
import { buildSchema, type ExecutionArgs, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createExecute } from '../../../gateway/http/short/execute.ts';

const schema = buildSchema('type Query { a: Int }');
const document = parse('{ a }');

type Payload = {
  args: ExecutionArgs;
  context: Record<string, unknown>;
  executeFn: (args: ExecutionArgs) => unknown;
  result: object;
  setExecuteFn(execute: (args: ExecutionArgs) => unknown): void;
  setResult(result: object): void;
  setResultAndStopExecution(result: object): void;
  extendContext(more: object): void;
};
type Plugin = { onExecute(payload: Payload): unknown };

/** What each way gives, and what was seen on it. */
async function bothWays(make: (see: (what: unknown) => void) => Plugin[]) {
  const outcomes: unknown[] = [];
  for (const isShort of [true, false]) {
    const seen: unknown[] = [];
    const engine = useEngine({
      execute: ((args: ExecutionArgs) => {
        seen.push(['engine', Object.keys(args).sort(), { ...(args.contextValue as object) }]);
        return { data: { a: 1 } };
      }) as never,
    });
    const plugins = [engine, ...make((what) => seen.push(what))] as never[];
    const args = { schema, document, contextValue: { own: 1 }, operationName: undefined, variableValues: undefined };
    const execute = isShort ? createExecute(plugins) : envelop({ plugins })({}).execute;
    const result = await Promise.resolve()
      .then(() => execute(args as never))
      .catch((error: unknown) => ({ error }));
    outcomes.push({ result, seen });
  }
  return outcomes;
}

const wrapping = (name: string, see: (what: unknown) => void): Plugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    see(name);
    setExecuteFn((args) => {
      see(`${name} runs`);
      return executeFn(args);
    });
  },
});

describe('an operation of the short way', () => {
  it.each<[string, (see: (what: unknown) => void) => Plugin[]]>([
    ['with nothing around it', () => []],
    ['with wrappers, the last outermost', (see) => [wrapping('one', see), wrapping('two', see)]],
    [
      'with hooks that wait, before and after',
      (see) => [
        wrapping('one', see),
        {
          async onExecute({ extendContext }) {
            await Promise.resolve();
            extendContext({ more: 2 });
            return {
              async onExecuteDone({ result, setResult }: Payload) {
                await Promise.resolve();
                see(result);
                setResult({ ...result, extensions: { late: true } });
              },
            };
          },
        },
        wrapping('two', see),
        { onExecute: () => ({ onExecuteDone: ({ result }: Payload) => see(result) }) },
      ],
    ],
    [
      'that is stopped by one of them, which those before still see the end of',
      (see) => [
        { onExecute: () => ({ onExecuteDone: ({ result }: Payload) => see(result) }) },
        { onExecute: ({ setResultAndStopExecution }) => setResultAndStopExecution({ data: null }) },
        wrapping('never', see),
      ],
    ],
    [
      'whose answer comes later',
      (see) => [
        {
          onExecute({ executeFn, setExecuteFn }) {
            setExecuteFn((args) => Promise.resolve().then(() => executeFn(args)));
            return { onExecuteDone: ({ result }: Payload) => see(result) };
          },
        },
      ],
    ],
    ...['at once', 'later'].map((when): [string, (see: (what: unknown) => void) => Plugin[]] => [
      `that a hook refuses ${when}`,
      (see) => [
        {
          onExecute() {
            if (when === 'at once') throw new Error('refused');
            return Promise.reject(new Error('refused'));
          },
        },
        wrapping('never', see),
      ],
    ]),
    [
      'whose engine fails',
      () => [{ onExecute: ({ setExecuteFn }) => setExecuteFn(() => Promise.reject(new Error('broken'))) }],
    ],
  ])('%s', async (_what, make) => {
    const [short, long] = await bothWays(make);
    expect(short).toEqual(long);
  });
});
