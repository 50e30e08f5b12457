import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import type { Model } from '../execute/model.ts';
import type { Planner } from '../execute/planner.ts';
import { isAsyncIterable, throughSteps } from '../lib/iterables.ts';
import type { Events } from '../observe/events.ts';
import { ALL, createAuthorizer } from './authorizer.ts';
import type { Decision } from './decision.ts';
import { mayIntrospect, refuseIntrospection, withoutSuggestions } from './introspection.ts';
import { readOperation } from './operation.ts';
import { type Part, refuseOperation, withoutForbidden } from './refuse.ts';
import { policies } from './rules/policies.ts';

export type AuthorizeOptions = {
  readonly generation: { readonly model: Model; readonly planner: Planner };
  readonly config: Pick<GatewayConfig, 'authorization' | 'introspection'>;
  readonly events: Pick<Events, 'rulesBroken'>;
  /** Whether nothing serves yet, which a rule that cannot be asked must not keep from serving: it holds for nobody then. */
  readonly isFirst: boolean;
};

/**
 * The authorize stage: what of the operation is for who asks, written into `grants` before the stages that follow look at it. Denied
 * fields are not part of the plan that is executed.
 */
export function useAuthorize(options: AuthorizeOptions): Plugin<object, RequestContext> {
  const { generation, config, events, isFirst } = options;
  const { model, planner } = generation;
  const onFaults = isFirst ? (faults: readonly string[]) => events.rulesBroken({ faults }) : undefined;
  const authorize = createAuthorizer(model, policies, onFaults);
  const { isEmpty } = model.requirements;
  const isWhole = config.authorization.onDenied === 'operation';

  function settle(args: ExecutionArgs): void | Promise<void> {
    const context = args.contextValue as RequestContext;
    if (isEmpty) {
      context.grants = ALL.grants;
      return undefined;
    }
    const operation = readOperation(args, context.principal, planner);
    if (!operation) return undefined;
    const write = ({ grants, refused }: Decision): void => {
      if (isWhole && refused.length > 0) throw refuseOperation(refused);
      context.grants = grants;
    };
    const decision = authorize(operation);
    return decision instanceof Promise ? decision.then(write) : write(decision);
  }

  /** What the answer must not tell; undefined where it may tell all. */
  function cleanerOf(context: RequestContext): ((result: ExecutionResult) => ExecutionResult) | undefined {
    const isOpen = mayIntrospect(config.introspection, context.principal);
    if (isOpen && !isWhole) return undefined;
    return (result) => {
      const own = isOpen ? result : mapErrors(result, withoutSuggestions);
      return isWhole ? withoutForbidden(own) : own;
    };
  }

  return {
    onValidate({ context, addValidationRule }) {
      if (mayIntrospect(config.introspection, (context as unknown as RequestContext).principal)) return undefined;
      addValidationRule(refuseIntrospection);
      return ({ result, setResult }) => setResult(withoutSuggestions(result as readonly GraphQLError[]) as never);
    },

    onExecute({ args, executeFn, setExecuteFn }) {
      const clean = cleanerOf(args.contextValue as unknown as RequestContext);
      if (clean) setExecuteFn((asked) => through(executeFn(asked), clean));
      return settle(args as unknown as ExecutionArgs);
    },

    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const clean = cleanerOf(args.contextValue as unknown as RequestContext);
      if (clean) setSubscribeFn((asked) => through(subscribeFn(asked), clean));
      return settle(args as unknown as ExecutionArgs);
    },
  };
}

function mapErrors(result: Part, map: (errors: readonly GraphQLError[]) => readonly GraphQLError[]): Part {
  const { errors, incremental } = result;
  return {
    ...result,
    ...(errors && { errors: map(errors) }),
    ...(incremental && {
      incremental: incremental.map((patch) => (patch.errors ? { ...patch, errors: map(patch.errors) } : patch)),
    }),
  };
}

/** The result, or each part of one that comes in parts. */
function through(result: unknown, map: (result: ExecutionResult) => ExecutionResult): unknown {
  if (result instanceof Promise) return result.then((settled: unknown) => through(settled, map));
  if (!isAsyncIterable(result)) return map(result as ExecutionResult);
  const recover = (error: unknown): Part => ({ errors: [error as GraphQLError], hasNext: false });
  return throughSteps<unknown, Part>(result, { map: (part) => map(part as Part), recover, end: () => undefined });
}
