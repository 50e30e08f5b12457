/** gRPC contracts as descriptor sets. */
import { describe, expect, it } from 'vitest';
import { descriptorType } from '../../../gateway/ingest/grpc/descriptor-set.ts';
import { startGrpcUpstream } from '../connect/grpc-kit.ts';
import { read, refusal, schemaOf, signatures } from './kit.ts';

describe('a descriptor set', () => {
  const label = { optional: 1, repeated: 3 } as const;
  const set = {
    file: [
      {
        name: 'a.proto',
        package: 'a.v1',
        syntax: 'proto3',
        dependency: ['google/protobuf/timestamp.proto', 'google/api/annotations.proto', 'b.proto'],
        messageType: [
          {
            name: 'M',
            field: [
              { name: 'plain_text', number: 1, label: label.optional, type: 9 },
              { name: 'maybe', number: 2, label: label.optional, type: 5, proto3Optional: true, oneofIndex: 1 },
              { name: 'left', number: 3, label: label.optional, type: 9, oneofIndex: 0 },
              { name: 'right', number: 4, label: label.optional, type: 11, typeName: '.a.v1.M', oneofIndex: 0 },
              { name: 'counts', number: 5, label: label.repeated, type: 11, typeName: '.a.v1.M.CountsEntry' },
              { name: 'at', number: 6, label: label.optional, type: 11, typeName: '.google.protobuf.Timestamp' },
              {
                name: 'kind',
                number: 7,
                label: label.optional,
                type: 14,
                typeName: '.a.v1.Kind',
                options: { deprecated: true },
              },
            ],
            oneofDecl: [{ name: 'side' }, { name: '_maybe' }],
            nestedType: [
              {
                name: 'CountsEntry',
                options: { mapEntry: true },
                field: [
                  { name: 'key', number: 1, label: label.optional, type: 9 },
                  { name: 'value', number: 2, label: label.optional, type: 3 },
                ],
              },
            ],
          },
        ],
        enumType: [{ name: 'Kind', value: [{ name: 'KIND_NONE', number: 0, options: { deprecated: true } }] }],
        service: [
          {
            name: 'S',
            method: [
              {
                name: 'MakeM',
                inputType: '.a.v1.M',
                outputType: '.a.v1.M',
                options: { http: { post: '/m', additionalBindings: [{ get: '/m' }] } },
              },
              { name: 'GetM', inputType: '.a.v1.M', outputType: '.a.v1.M', serverStreaming: true },
              { name: 'GetB', inputType: '.b.B', outputType: '.a.v1.M' },
            ],
          },
        ],
        sourceCodeInfo: { location: [{ path: [6, 0, 2, 0], span: [1, 1, 1], leadingComments: ' Makes it.\n' }] },
      },
    ],
  };
  const bytes = (value: object): Uint8Array => {
    const type = descriptorType('FileDescriptorSet');
    return type.encode(type.fromObject(value)).finish();
  };

  it('says the same as its .proto files; what it lacks leaves methods out', async () => {
    const made = await read({
      files: { 'x.proto': '', 'set.binpb': bytes(set) },
      handler: { source: './api/set.binpb' },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'M')).toEqual(
      [
        'at: DateTime',
        'counts: [MCountsEntry!]!',
        'kind: Kind!',
        'maybe: Int',
        'plainText: String!',
        'side: MSide',
      ].sort(),
    );
    expect(signatures(schema, 'MCountsEntry')).toEqual(['key: String!', 'value: Int64!']);
    expect(signatures(schema, 'Query')).toEqual(['makeM(input: MInput): M']);
    expect(schema.getQueryType()?.getFields()['makeM']?.description).toBe('Makes it.');
    expect(signatures(schema, 'Subscription')).toEqual(['getM(input: MInput): M']);
    expect(made.text).toMatch(/KIND_NONE @deprecated/);
    expect(made.report.leftOut).toEqual([expect.objectContaining({ operation: 'a.v1.S/GetB' })]);
  });

  it.each([
    ['no bytes of one', 'no descriptor set at all', /not a descriptor set|cannot be used/],
    ['nothing in it', '', /empty/],
    ['names that are code', bytes({ file: [{ name: 'a', messageType: [{ name: 'M(){}' }] }] }), /is no name/],
  ])('with %s is refused', async (_title, text, message) => {
    const error = await refusal({
      files: { 'x.proto': '', 'set.binpb': text },
      handler: { source: './api/set.binpb' },
    });
    expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(message) });
  });

  it('mesh#5836 comes by reflection with the metadata of the source, until it is kept as a file', async () => {
    const [file] = set.file;
    const type = descriptorType('FileDescriptorProto');
    const encoded = Buffer.from(type.encode(type.fromObject(file ?? {})).finish());
    const tokens: unknown[] = [];
    await using upstream = await startGrpcUpstream(REFLECTION, 'grpc.reflection.v1.ServerReflection', {
      ServerReflectionInfo: (questions, call) => {
        tokens.push(call.metadata.get('token')[0]);
        return (questions as unknown as { list_services?: string }[]).map((question) =>
          question.list_services === undefined
            ? { files: { file: [encoded] } }
            : { services: { service: [{ name: 'a.v1.S' }] } },
        );
      },
    });
    const handler = { source: { reflection: upstream.address }, metaData: { Token: 'secret' } };
    const made = await read({ files: { 'x.proto': '' }, handler });
    expect(made.report.operations).toEqual({ total: 3, imported: 2 });
    expect(new Set(tokens)).toEqual(new Set(['secret']));
    tokens.length = 0;
    await read({ files: { 'x.proto': '', '../sources/api/descriptors.binpb': bytes(set) }, handler });
    expect(tokens).toEqual([]);
  });
});

const REFLECTION = `syntax = "proto3"; package grpc.reflection.v1;
  service ServerReflection { rpc ServerReflectionInfo(stream Q) returns (stream A); }
  message Q { oneof q { string name = 3; string symbol = 4; string list_services = 7; } }
  message A { oneof a { Files files = 4; Services services = 6; } }
  message Files { repeated bytes file = 1; } message Services { repeated Service service = 1; } message Service { string name = 1; }`;
