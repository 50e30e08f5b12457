import protobuf from 'protobufjs';
import { conversionOf } from '../../connect/grpc/any.ts';
import { isFieldless } from '../../connect/grpc/shape.ts';
import { wellKnown } from '../../connect/grpc/well-known.ts';
import type { Note } from '../wire.ts';
import { createBlame, type Lack, type LackOf, unusableTypes } from './missing.ts';
import { type MissingImport, missingText } from './proto-files.ts';
import { PROTO } from './proto-text.ts';

/** A method of the contract; with a reason it cannot be served. */
export type ContractMethod = {
  /** `inventory.v1.Inventory/GetStock`. */
  wireName: string;
  /** Full name of its service. */
  service: string;
  method: protobuf.Method;
  deprecated: boolean;
  reason?: string;
};

/** A contract whose methods can be called without a look at the contract: every name in `root` is resolved. */
export type GrpcContract = { root: protobuf.Root; methods: ContractMethod[]; notes: Note[] };

/**
 * Resolves all names. A type that no file has leaves out the methods that need it, and nothing else.
 *
 * @param root what was parsed; it is changed in place
 */
export function resolveContract(root: protobuf.Root, missing: readonly MissingImport[]): GrpcContract {
  const { types, services } = objectsOf(root);
  const notes = dropExtensions(root);
  const lackOf = createBlame(missing);
  const lacks = unusableTypes(types, lackOf);
  const blamed = new Set<MissingImport>();
  const methods = services.flatMap((service) =>
    service.methodsArray.map((method): ContractMethod => {
      const name = service.fullName.slice(1);
      const lack = lackOfMethod(method, service, lacks, lackOf);
      const reason = lack?.reason;
      for (const each of lack?.blamed ?? []) blamed.add(each);
      if (reason !== undefined) service.remove(method);
      return {
        wireName: `${name}/${method.name === PROTO ? '__proto__' : method.name}`,
        service: name,
        method,
        deprecated: isDeprecated(method) || isDeprecated(service),
        ...(reason === undefined ? {} : { reason }),
      };
    }),
  );
  root.resolveAll();
  for (const each of missing)
    notes.push({
      pointer: each.file,
      text: blamed.has(each) ? missingText(each) : `imports ${each.path}, which is not there and not needed`,
    });
  // In which order a contract lists its methods changes nothing.
  methods.sort((a, b) => (a.wireName < b.wireName ? -1 : 1));
  return { root, methods, notes };
}

export function isDeprecated(object: { options?: Record<string, unknown> | null }): boolean {
  return object.options?.['deprecated'] === true;
}

/** Every message that the methods can send or receive, and every enum in them. */
export function reachable(methods: readonly ContractMethod[]): Set<protobuf.Type | protobuf.Enum> {
  return reachableFrom([...requestsOf(methods), ...answersOf(methods)], () => false);
}

/** Of those the ones that get a type of their own: nothing inside of what is shown as a scalar. */
export function shown(methods: readonly ContractMethod[]): Set<protobuf.Type | protobuf.Enum> {
  return reachableFrom([...requestsOf(methods), ...answersOf(methods)], isScalar);
}

/** Of those the ones that can come back. */
export function answered(methods: readonly ContractMethod[]): Set<protobuf.Type | protobuf.Enum> {
  return reachableFrom(answersOf(methods), isScalar);
}

/** And the ones that can be sent. */
export function requested(methods: readonly ContractMethod[]): Set<protobuf.Type | protobuf.Enum> {
  return reachableFrom(requestsOf(methods), isScalar);
}

function isScalar(type: protobuf.Type): boolean {
  return conversionOf(type) !== undefined || isFieldless(type);
}

function requestsOf(methods: readonly ContractMethod[]): protobuf.Type[] {
  return methods.flatMap(({ reason, method }) => (reason === undefined ? (method.resolvedRequestType ?? []) : []));
}

function answersOf(methods: readonly ContractMethod[]): protobuf.Type[] {
  return methods.flatMap(({ reason, method }) => (reason === undefined ? (method.resolvedResponseType ?? []) : []));
}

function reachableFrom(
  start: readonly protobuf.Type[],
  leavesOut: (type: protobuf.Type) => boolean,
): Set<protobuf.Type | protobuf.Enum> {
  const found = new Set<protobuf.Type | protobuf.Enum>();
  const queue: (protobuf.Type | protobuf.Enum | null)[] = [...start];
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (type === null || found.has(type)) continue;
    if (type instanceof protobuf.Type && leavesOut(type)) continue;
    found.add(type);
    if (type instanceof protobuf.Type) queue.push(...type.fieldsArray.map((field) => field.resolvedType));
  }
  return found;
}

/** All messages and enums, for contracts in which any of them may come inside of `google.protobuf.Any`. */
export function allTypes(root: protobuf.Root): Set<protobuf.Type | protobuf.Enum> {
  const { types } = objectsOf(root);
  // Descriptors describe contracts and are no part of them.
  const useful = types.filter(({ fullName }) => wellKnown(fullName) || !fullName.startsWith('.google.protobuf.'));
  return reachableFrom(useful, () => false);
}

function objectsOf(root: protobuf.Root): { types: protobuf.Type[]; services: protobuf.Service[] } {
  const found = { types: [] as protobuf.Type[], services: [] as protobuf.Service[] };
  const queue: protobuf.ReflectionObject[] = [root];
  for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
    if (object instanceof protobuf.Type) found.types.push(object);
    else if (object instanceof protobuf.Service) found.services.push(object);
    if (object instanceof protobuf.Namespace) queue.push(...object.nestedArray);
  }
  return found;
}

/** Extensions of what is not there. Those of options shape no message; the others are told. */
function dropExtensions(root: protobuf.Root): Note[] {
  const lost = root.deferred.splice(0);
  for (const field of lost) field.parent?.remove(field);
  return lost
    .filter(({ extend = '' }) => !/(^|\.)google\.protobuf\.\w+Options$/.test(extend))
    .map(({ fullName, extend }) => ({
      pointer: fullName.slice(1),
      text: `extends ${String(extend)}, which no file of the contract has`,
    }));
}

function lackOfMethod(
  method: protobuf.Method,
  service: protobuf.Service,
  lacks: ReadonlyMap<protobuf.Type, Lack>,
  lackOf: LackOf,
): Lack | undefined {
  if (method.name === PROTO) return { reason: 'a method cannot have this name here', blamed: new Set() };
  const found = [method.requestType, method.responseType].flatMap((name): Lack[] => {
    const type = service.lookup(name, [protobuf.Type]);
    const lack = type instanceof protobuf.Type ? lacks.get(type) : lackOf(name);
    return lack ? [lack] : [];
  });
  const [first] = found;
  return first && { reason: first.reason, blamed: new Set(found.flatMap(({ blamed }) => [...blamed])) };
}
