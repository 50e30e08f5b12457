import { buildASTSchema, parse } from 'graphql';
import { GatewayError } from '../errors.ts';
import { readModel } from '../execute/model.ts';
import { createRuleBook } from './rule-book.ts';
import { policies } from './rules/policies.ts';

/** What would keep the unified schema from being served because of its rules: those that nobody knows, or cannot be asked. */
export function ruleFaults(privateText: string): string[] {
  try {
    createRuleBook(readModel(buildASTSchema(parse(privateText), { assumeValidSDL: true })), policies);
    return [];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error.message.split('\n');
  }
}
