import { claimEqualsArgument } from './claim-equals-argument.ts';
import { claimEqualsField } from './claim-equals-field.ts';
import type { PolicyDefinition } from './definition.ts';

/** Every rule that policies may call by name: one of your own is a file beside these and a line here. */
export const policies: readonly PolicyDefinition[] = [claimEqualsArgument, claimEqualsField];
