/** Keys about coordinates in `policy.yaml` that say who may ask: for types, fields, arguments and inputs, and for a whole source. */
import { z } from 'zod';
import { role, scope } from './api-keys.ts';

const name = /[_A-Za-z]\w{0,255}/.source;

/** `Type`, `Type.field`, `Input.field` or `Type.field.argument`. */
export const coordinate = z
  .string()
  .regex(
    new RegExp(`^${name}(\\.${name}){0,2}$`),
    'must be a coordinate, written Type, Type.field or Type.field.argument',
  );

const path = z.string().regex(/^\w{1,256}(\.\w{1,256}){0,15}$/, 'must be a name or a dotted path of names');
const scopes = z.array(z.array(scope).min(1).max(50)).min(1).max(50);
const roles = z.array(role).min(1).max(50);

/** One rule by name: one of the gateway's own, or of those in gateway/authorize/rules. */
export const policy = z.strictObject({
  name: z
    .string()
    .regex(new RegExp(`^${name}$`), 'must be a name')
    .describe('Which rule: claimEqualsArgument, claimEqualsField, or one of your own.'),
  claim: z.string().min(1).max(512).optional().describe('Claim of the principal that is compared: sub, tenant, ….'),
  argument: path.optional().describe('Argument that is compared; dots reach into inputs.'),
  field: path.optional().describe('Field of the object that is compared; dots reach into objects.'),
  options: z.record(z.string(), z.unknown()).optional().describe('What a rule of your own takes.'),
  unlessRoles: roles.optional().describe('Roles for which the rule need not hold.'),
  unlessScopes: scopes.optional().describe('Scopes for which it need not hold: one of the lists, all of it.'),
});

/** What must hold; of several keys all. */
export const requirements = {
  authenticated: z.literal(true).optional().describe('Only for who has shown a proof of identity.'),
  requiresScopes: scopes.optional().describe('Scopes that are needed: one of the lists, all of it.'),
  requiresRole: roles.optional().describe('Roles of which one is needed.'),
  policies: z.array(policy).min(1).max(20).optional().describe('Rules by name, all of which must hold.'),
};

/** The same for a coordinate of a source that has requirements for all its entries. */
export const coordinateRequirements = {
  ...requirements,
  defaults: z
    .literal(false)
    .optional()
    .describe('false: what `defaults` requires of the whole source does not hold for this root field or join.'),
};

export const defaultRequirements = z
  .strictObject(requirements)
  .describe('What must hold wherever the gateway would call the source: root fields, joins, parts of shared types.');

export type PolicyRequirement = z.output<typeof policy>;

/** Something that must hold, as a directive of the unified schema says it. */
export type Requirement =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: 'roles'; readonly anyOf: readonly string[] }
  | { readonly kind: 'policy'; readonly policy: PolicyRequirement };

export type Requirements = z.output<z.ZodObject<typeof requirements>>;

/** The directives of what must hold: name and arguments. */
export function directivesOf({ authenticated, requiresScopes, requiresRole, policies }: Requirements): {
  name: string;
  args: Record<string, unknown>;
}[] {
  return [
    ...(authenticated ? [{ name: 'authenticated', args: {} }] : []),
    ...(requiresScopes ? [{ name: 'requiresScopes', args: { scopes: requiresScopes } }] : []),
    ...(requiresRole ? [{ name: 'requiresRole', args: { roles: requiresRole } }] : []),
    // As text: its keys need not be names of GraphQL.
    ...(policies ?? []).map(({ options, ...args }) => ({
      name: 'policy',
      args: { ...args, ...(options && { options: JSON.stringify(options) }) },
    })),
  ];
}

const directiveArguments = {
  authenticated: z.strictObject({}),
  requiresScopes: z.strictObject({ scopes: z.preprocess((value) => listed(value).map(listed), scopes) }),
  requiresRole: z.strictObject({ roles: z.preprocess(listed, roles) }),
  policy: z.strictObject({
    ...policy.shape,
    options: z.preprocess(parsed, policy.shape.options),
    unlessRoles: z.preprocess(listedOrNot, roles.optional()),
    unlessScopes: z.preprocess((value) => listedOrNot(value)?.map(listed), scopes.optional()),
  }),
};

/** Whether a directive says what must hold. */
export function isRequirement(directive: string): directive is keyof typeof directiveArguments {
  return Object.hasOwn(directiveArguments, directive);
}

/** Reads such a directive. Never throws: what is wrong comes as a sentence. */
export function readRequirement(
  directive: keyof typeof directiveArguments,
  args: Readonly<Record<string, unknown>>,
): Requirement | { readonly fault: string } {
  const { subgraph: _, ...own } = args;
  const parsed = directiveArguments[directive].safeParse(own);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `@${directive}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(' ')}` };
  }
  const data = parsed.data as Record<string, never>;
  if (directive === 'authenticated') return { kind: 'authenticated' };
  if (directive === 'requiresScopes') return { kind: 'scopes', anyOf: data['scopes'] ?? [] };
  if (directive === 'requiresRole') return { kind: 'roles', anyOf: data['roles'] ?? [] };
  return { kind: 'policy', policy: data as unknown as PolicyRequirement };
}

/** GraphQL takes a single value where a list is wanted (spec §3.11). */
function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function parsed(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function listedOrNot(value: unknown): unknown[] | undefined {
  return value === undefined ? undefined : listed(value);
}
