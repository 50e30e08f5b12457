import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import { identify } from './principal.ts';

/** The identify stage: settles the principal before anything is parsed. */
export function useIdentify(): Plugin<object, RequestContext> {
  return {
    onRequestParse({ serverContext }) {
      serverContext.principal = identify(serverContext);
    },
  };
}
