/** How gRPC contracts come into the project: trees of several roots become one, reflection becomes a file. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildDefaults } from '../../../gateway/config/build.ts';
import { descriptorType } from '../../../gateway/ingest/grpc/descriptor-set.ts';
import { addSource } from '../../../gateway/registry/add-source.ts';
import { layoutOf } from '../../../gateway/registry/layout.ts';
import { planProto } from '../../../gateway/registry/plan-proto.ts';
import { startGrpcUpstream } from '../connect/grpc-kit.ts';

let dir: string;
const at = (...path: string[]): string => join(dir, ...path);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-layout-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), text);
  }
}

async function copied(
  contract: string,
  includeDirs: readonly string[] = [],
): Promise<{ files: string[]; source: unknown }> {
  const folders = includeDirs.map((each) => at(each));
  const layout = layoutOf(await planProto(at(contract), folders, buildDefaults));
  await mkdir(at('copy'));
  await layout.write(at('copy'));
  // The copy stands for itself.
  await planProto(at('copy', layout.main), [at('copy')], buildDefaults);
  const entries = await readdir(at('copy'), { recursive: true });
  return { files: entries.filter((name) => name.endsWith('.proto')).sort(), source: layout.source('shop') };
}

const message = (name: string): string => `syntax = "proto3"; package ${name}; message M { string id = 1; }`;

it('takes a file without imports alone', async () => {
  await write({
    'shop.proto': 'syntax = "proto3"; message A {} service S { rpc Get(A) returns (A); }',
    'other.proto': message('other'),
  });
  expect(await copied('shop.proto')).toEqual({ files: ['shop.proto'], source: './sources/shop/shop.proto' });
});

it('finds the folder that imports are from, and takes what is imported and no more', async () => {
  await write({
    'proto/acme/shop/v1/shop.proto':
      'syntax = "proto3"; import "acme/common/id.proto"; import "google/protobuf/any.proto"; service S { rpc Get(id.M) returns (id.M); }',
    'proto/acme/common/id.proto': message('id'),
    'proto/acme/unused.proto': message('unused'),
  });
  expect(await copied('proto/acme/shop/v1/shop.proto')).toEqual({
    files: ['acme/common/id.proto', 'acme/shop/v1/shop.proto'],
    source: { file: './sources/shop/acme/shop/v1/shop.proto', load: { includeDirs: ['./sources/shop'] } },
  });
});

it('makes one tree of several roots', async () => {
  await write({
    'api/shop.proto':
      'syntax = "proto3"; import "a/a.proto"; import "b/b.proto"; service S { rpc Get(a.M) returns (b.M); }',
    'one/a/a.proto': message('a'),
    'two/nested/b/b.proto': message('b'),
  });
  const { files } = await copied('api/shop.proto', ['one', 'two', 'two/nested', 'api']);
  expect(files).toEqual(['a/a.proto', 'b/b.proto', 'shop.proto']);
});

it('refuses a missing import that a method needs, with file, line and remedy', async () => {
  await write({
    'shop.proto': 'syntax = "proto3";\n\nimport "gone/x.proto";\nservice S { rpc Get(x.M) returns (x.M); }',
  });
  await expect(copied('shop.proto')).rejects.toThrow(
    /^shop\.proto:3 imports gone\/x\.proto, which is not there: name the folder that holds it \(--include-dir, /,
  );
});

it('does not mind a missing import that only options need', async () => {
  await write({
    'shop.proto':
      'syntax = "proto3"; import "gone/options.proto"; message A { option (x) = 1; } service S { rpc Get(A) returns (A); }',
  });
  expect((await copied('shop.proto')).files).toEqual(['shop.proto']);
});

const REFLECTION = `syntax = "proto3"; package grpc.reflection.v1;
  service ServerReflection { rpc ServerReflectionInfo(stream Q) returns (stream A); }
  message Q { oneof q { string file_containing_symbol = 4; string list_services = 7; } }
  message A { oneof a { Files file_descriptor_response = 4; Services list_services_response = 6; } }
  message Files { repeated bytes file_descriptor_proto = 1; } message Services { repeated Service service = 1; } message Service { string name = 1; }`;

it('keeps what a server says of itself as the contract, so that builds need no network', async () => {
  const type = descriptorType('FileDescriptorProto');
  const file = type.fromObject({
    ...{ name: 'shop.proto', package: 'shop', syntax: 'proto3' },
    messageType: [{ name: 'Id', field: [{ name: 'id', number: 1, label: 1, type: 9 }] }],
    service: [{ name: 'Shop', method: [{ name: 'GetOrder', inputType: '.shop.Id', outputType: '.shop.Id' }] }],
  });
  const file_descriptor_proto = [Buffer.from(type.encode(file).finish())];
  let token: unknown;
  const upstream = await startGrpcUpstream(REFLECTION, 'grpc.reflection.v1.ServerReflection', {
    ServerReflectionInfo: (questions, call) => {
      token = call.metadata.get('token')[0];
      return (questions as unknown as { list_services?: string }[]).map((question) =>
        question.list_services === undefined
          ? { file_descriptor_response: { file_descriptor_proto } }
          : { list_services_response: { service: [{ name: 'shop.Shop' }, { name: 'gone.Gone' }] } },
      );
    },
  });
  await write({ 'project/.meshrc.yaml': 'sources: []\n' });
  const added = await addSource({
    ...{
      dir: at('project'),
      env: { SHOP_TOKEN: 'secret' },
      contract: at('shop'),
      endpoint: undefined,
      kind: undefined,
    },
    ...{ name: 'shop', dryRun: false, reflection: upstream.address, metadata: { token: '${SHOP_TOKEN}' } },
  });
  await upstream[Symbol.asyncDispose]();
  expect(token).toBe('secret');
  expect(added).toMatchObject({ kind: 'grpc', report: { operations: { total: 1, imported: 1 } } });
  expect(await readFile(at('project', 'sources', 'shop', 'descriptors.binpb'))).toHaveLength(
    (file_descriptor_proto[0]?.length ?? 0) + 2,
  );
  const meshrc = await readFile(at('project', '.meshrc.yaml'), 'utf8');
  expect(meshrc).toContain('source: ./sources/shop/descriptors.binpb');
  expect(meshrc).toContain('token: ${SHOP_TOKEN}');
  expect(await readFile(at('project', 'schemas', 'unified.graphql'), 'utf8')).toContain('getOrder(input: IdInput): Id');
});
