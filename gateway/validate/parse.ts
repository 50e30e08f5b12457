/** Documents are parsed here: bounded in length before a byte is looked at, and in tokens while they are read. */
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import type { OperationLimits } from '../config/operation-limits.ts';
import { GatewayError } from '../errors.ts';

/** graphql-js has no code for it (a test holds the sentence against the installed version). */
const TOO_MANY = /^Syntax Error: Document contains more that \d+ tokens\./;

/** The fault LIMIT_TOKENS of a text that is longer than a document may be; undefined for one that is not. */
export function overLength(
  text: string,
  { documentBytes }: Pick<OperationLimits, 'documentBytes'>,
): GatewayError | undefined {
  // Three bytes are the most that one unit of a JavaScript text takes: short texts need no counting.
  if (text.length * 3 <= documentBytes || Buffer.byteLength(text) <= documentBytes) return undefined;
  const message = `The document is longer than ${documentBytes} bytes: shorten or split it.`;
  return new GatewayError('LIMIT_TOKENS', { message, extensions: { limit: documentBytes } });
}

/** @throws GatewayError LIMIT_TOKENS; GraphQLError for what is no GraphQL */
export function parseWithin(
  text: Parameters<typeof parse>[0],
  { tokens }: Pick<OperationLimits, 'tokens'>,
): DocumentNode {
  try {
    return parse(text, { maxTokens: tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError) || !TOO_MANY.test(error.message)) throw error;
    const message = `The document has more than ${tokens} tokens: shorten or split it.`;
    throw new GatewayError('LIMIT_TOKENS', { message, extensions: { limit: tokens } });
  }
}
