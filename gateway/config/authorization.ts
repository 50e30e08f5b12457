/** Keys `authorization` and `introspection` of `gateway.yaml`: what becomes of what is not allowed, and who may look at the schema. */
import { z } from 'zod';
import { role } from './api-keys.ts';

export const authorization = z
  .strictObject({
    onDenied: z
      .enum(['field', 'operation'])
      .default('field')
      .describe('What is refused where a field is not allowed: the field (null and FORBIDDEN), or the operation.'),
  })
  .prefault({});

export const introspectionAccess = z
  .strictObject({
    allow: z
      .enum(['everybody', 'roles', 'nobody'])
      .default('everybody')
      .describe('Who may ask for the schema, and is told what a misspelled name may have meant.'),
    roles: z.array(role).max(50).default([]).describe('Of which roles one is needed, for `allow: roles`.'),
  })
  .refine(({ allow, roles }) => allow !== 'roles' || roles.length > 0, {
    path: ['roles'],
    error: 'must name a role where allow is roles',
  })
  .prefault({});

export type AuthorizationConfig = z.output<typeof authorization>;
export type IntrospectionConfig = z.output<typeof introspectionAccess>;
