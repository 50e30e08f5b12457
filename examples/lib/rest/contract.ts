import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { fromSwagger } from './swagger.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

type Reference = { $ref: string };

export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  schema: JsonSchema;
  /** What stands between the values of a list that is written as one text. */
  separator?: string | undefined;
};

type Operation = {
  operationId?: string;
  parameters?: Array<Parameter | Reference>;
  requestBody?: { required?: boolean; content: Record<string, { schema: JsonSchema }> };
};

type Method = (typeof METHODS)[number];

type PathItem = { parameters?: Array<Parameter | Reference> } & { [Name in Method]?: Operation };

/** The parts of an OpenAPI document that a server needs. */
export type Contract = {
  openapi: string;
  paths: Record<string, PathItem>;
  components: { schemas: Record<string, JsonSchema>; parameters?: Record<string, Parameter> };
};

/** One operation of the contract with its parameters gathered. */
export type ContractOperation = {
  /** The operationId, or `GET /path` where the contract gives none. */
  name: string;
  method: Uppercase<Method>;
  /** The path with its parameters in braces, as in the contract. */
  path: string;
  parameters: Parameter[];
  body: JsonSchema | undefined;
  /** Whether the body is a form: its fields are text, whatever their schema asks for. */
  isForm: boolean;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Reads an OpenAPI 3 or Swagger 2.0 document, YAML or JSON. Throws what reading and parsing throw. */
export async function readContract(file: URL): Promise<Contract> {
  // The document is our own and the tests load every part of it: its shape needs no second check here.
  const document = parse(await readFile(file, 'utf8')) as Contract | { swagger: string };
  return 'swagger' in document ? fromSwagger(document) : document;
}

/** All operations of a contract in its own order. */
export function operationsOf(contract: Contract): ContractOperation[] {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) {
        return [];
      }
      const content = operation.requestBody?.content;
      const form = content?.['multipart/form-data']?.schema;
      const verb = method.toUpperCase() as Uppercase<Method>;
      return [
        {
          name: operation.operationId ?? `${verb} ${path}`,
          method: verb,
          path,
          parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
            resolveParameter(contract, parameter),
          ),
          body: content?.['application/json']?.schema ?? form,
          isForm: form !== undefined,
        },
      ];
    }),
  );
}

function resolveParameter(contract: Contract, parameter: Parameter | Reference): Parameter {
  if (!('$ref' in parameter)) {
    return parameter;
  }
  const found = contract.components.parameters?.[parameter.$ref.replace('#/components/parameters/', '')];
  if (found === undefined) {
    throw new Error(`the contract has no ${parameter.$ref}`);
  }
  return found;
}
