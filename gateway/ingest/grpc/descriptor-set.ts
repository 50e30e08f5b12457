import protobuf from 'protobufjs';
import { GatewayError } from '../../errors.ts';
import { bundled, wellKnownPath } from './bundled.ts';
import { namespaceOf } from './descriptor-json.ts';
import type { FileDescriptor } from './descriptor-types.ts';
import { addBundled, type MissingImport } from './proto-files.ts';

const HTTP_OPTION = 72295728;

/**
 * Reads a FileDescriptorSet (google/protobuf/descriptor.proto) as one root; names are not resolved yet. The reader that ships with
 * protobufjs loses presence, maps, comments and HTTP rules.
 *
 * @throws GatewayError BAD_REQUEST when the bytes are no such set
 */
export function readDescriptorSet(bytes: Uint8Array): { root: protobuf.Root; missing: MissingImport[] } {
  let files: FileDescriptor[];
  try {
    const set = descriptorType('FileDescriptorSet').decode(bytes) as unknown as { file: FileDescriptor[] };
    files = set.file;
  } catch (cause) {
    throw refused(
      'The file is not a descriptor set: make it with `buf build -o` or `protoc --include_imports -o`.',
      cause,
    );
  }
  if (files.length === 0)
    throw refused('The descriptor set is empty: make it with `buf build -o` or `protoc --include_imports -o`.');
  const present = new Set(files.map(({ name }) => name));
  const names = new Set<string>();
  const missing: MissingImport[] = [];
  for (const file of files) {
    for (const path of [file.name, ...file.dependency]) {
      const known = wellKnownPath(path);
      if (known !== undefined) addBundled(known, names);
      else if (!present.has(path)) {
        if (bundled(path)) addBundled(path, names);
        else missing.push({ path, file: file.name, line: 1 });
      }
    }
  }
  const root = new protobuf.Root();
  try {
    for (const name of names) root.addJSON(bundled(name)?.json.nested ?? {});
    for (const file of files) {
      if (wellKnownPath(file.name) !== undefined) continue;
      const { json, deprecations } = namespaceOf(file);
      root.addJSON(json);
      for (const [name, values] of deprecations) {
        root.lookupEnum(name).valuesOptions = Object.fromEntries(values.map((value) => [value, { deprecated: true }]));
      }
    }
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw refused(`The descriptor set cannot be used: ${said.slice(0, 200)}.`, cause);
  }
  return { root, missing };
}

/** A message of descriptor.proto, with the HTTP rule of methods as a field. */
export function descriptorType(name: string): protobuf.Type {
  const root = protobuf.Root.fromJSON({
    nested: {
      google: {
        nested: {
          protobuf: below('protobuf', 'google/protobuf/descriptor.proto'),
          api: below('api', 'google/api/http.proto'),
        },
      },
    },
  });
  root.lookupType('google.protobuf.MethodOptions').add(new protobuf.Field('http', HTTP_OPTION, '.google.api.HttpRule'));
  return root.resolveAll().lookup(`google.protobuf.${name}`) as protobuf.Type;
}

function below(name: string, file: string): protobuf.INamespace {
  const google = bundled(file)?.json.nested?.['google'] as protobuf.INamespace | undefined;
  return (google?.nested?.[name] ?? {}) as protobuf.INamespace;
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message, cause });
}
