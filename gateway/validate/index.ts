import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import { describeOperation } from './operation.ts';

/** The validate stage: says which operation it is. Parsing and validating are Yoga's, codes of their errors the respond stage's. */
export function useValidate(): Plugin<object, RequestContext> {
  return {
    onParse({ params }) {
      return ({ result, context }) => {
        if (result === null || result instanceof Error) return;
        const slots = context as unknown as RequestContext;
        slots.operation = describeOperation(result, params.source.toString(), context.params.operationName);
      };
    },
  };
}
