import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { Contract, ContractOperation, JsonSchema, Parameter } from './contract.ts';

/** Marks the schema of a body whose fields are all text. */
const FORM = 'x-form';

/**
 * What Fastify has to check about the requests of one operation, taken from the contract alone.
 * Query parameters that the contract does not name are refused: a caller that writes them wrong has to see it.
 */
export function requestSchemaOf(contract: Contract, operation: ContractOperation): FastifySchema {
  const { body, isForm } = operation;
  return {
    params: parametersSchema(contract, operation, 'path', false),
    querystring: parametersSchema(contract, operation, 'query', false),
    headers: parametersSchema(contract, operation, 'header', true),
    // The components travel with the schema so that its references find them.
    ...(body === undefined ? {} : { body: { allOf: [body], components: contract.components, [FORM]: isForm } }),
  };
}

/**
 * Makes the function that compiles those schemas, in the dialect of the contract: JSON Schema 2020-12 for OpenAPI 3.1,
 * the older draft with `nullable` for 3.0. Text of paths, queries and headers is turned into what the schema asks for
 * (one value of a list becomes a list of one), and so are the fields of a form; other bodies are taken as they are.
 */
export function createValidatorCompiler(contract: Contract): FastifySchemaCompiler<FastifySchema> {
  const Dialect = contract.openapi.startsWith('3.1') ? Ajv2020 : Ajv;
  // Not strict: the schemas hold OpenAPI's own words (`example`, `discriminator`, `components`).
  const shared = { strict: false, allErrors: false } as const;
  const forText = new Dialect({ ...shared, coerceTypes: 'array', useDefaults: true });
  const forBodies = new Dialect(shared);
  for (const ajv of [forText, forBodies]) {
    addFormats.default(ajv);
  }
  return ({ schema, httpPart }) => {
    const isText = httpPart !== 'body' || (schema as JsonSchema)[FORM] === true;
    return (isText ? forText : forBodies).compile(schema);
  };
}

/** Says which part of a request breaks the contract, in one sentence. */
export function describeViolation(errors: readonly FastifySchemaValidationError[], part: string): Error {
  const [error] = errors;
  const stranger = error?.params['additionalProperty'];
  const what = typeof stranger === 'string' ? `must not have ${stranger}` : (error?.message ?? 'breaks the contract');
  return new Error(`${part}${error?.instancePath ?? ''} ${what}`);
}

function parametersSchema(
  contract: Contract,
  operation: ContractOperation,
  place: Parameter['in'],
  additionalProperties: boolean,
): JsonSchema {
  const parameters = operation.parameters.filter((parameter) => parameter.in === place);
  // Header names have no case; Node hands them over in lower case.
  const nameOf = ({ name }: Parameter): string => (place === 'header' ? name.toLowerCase() : name);
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((parameter) => [nameOf(parameter), parameter.schema])),
    required: parameters.filter((parameter) => parameter.required === true).map(nameOf),
    additionalProperties,
    components: contract.components,
  };
}
