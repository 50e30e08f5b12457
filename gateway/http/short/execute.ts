/** Executing as Envelop does it, for answers in one piece: its own way wraps each hook in several promises that are none. */
import type { ExecutionArgs, ExecutionResult } from 'graphql';

type Done = { readonly onExecuteDone?: (payload: object) => unknown };
type OnExecute = (payload: object) => unknown;
type Execute = (args: ExecutionArgs) => unknown;

/** The plugins of an instance, its own among them. */
type Plugins = readonly { readonly onExecute?: unknown }[];

/** @returns what runs an operation through all that stages do around it */
export function createExecute(plugins: Plugins): (args: ExecutionArgs) => unknown {
  const hooks = plugins.flatMap(({ onExecute }) => (onExecute ? [onExecute as OnExecute] : []));

  return (args) => {
    const context = args.contextValue as object;
    let result: unknown;
    let isStopped = false;
    const afterwards: ((payload: object) => unknown)[] = [];
    const payload = {
      args,
      context,
      executeFn: undefined as Execute | undefined,
      setExecuteFn(execute: Execute): void {
        payload.executeFn = execute;
      },
      setResultAndStopExecution(given: ExecutionResult): void {
        result = given;
        isStopped = true;
      },
      extendContext: (more: object) => void Object.assign(context, more),
    };
    const note = (done: unknown): void => {
      const { onExecuteDone } = (done ?? {}) as Done;
      if (onExecuteDone) afterwards.push(onExecuteDone);
    };

    function begin(from: number): unknown {
      for (let at = from; at < hooks.length && !isStopped; at += 1) {
        const done = hooks[at]?.(payload);
        if (done instanceof Promise) {
          return done.then((settled) => {
            note(settled);
            return begin(at + 1);
          });
        }
        note(done);
      }
      const running = result || payload.executeFn?.(args);
      return running instanceof Promise ? running.then(finish) : finish(running);
    }

    function finish(given: unknown): unknown {
      result = given;
      return end(0);
    }

    function end(from: number): unknown {
      const setResult = (given: unknown): void => {
        result = given;
      };
      for (let at = from; at < afterwards.length; at += 1) {
        const done = afterwards[at]?.({ args, result, setResult });
        if (done instanceof Promise) return done.then(() => end(at + 1));
      }
      return result;
    }

    return begin(0);
  };
}
