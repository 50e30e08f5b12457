/** What the methods of a .proto become. */
import { describe, expect, it } from 'vitest';
import { read, schemaOf, signatures } from './kit.ts';

const proto = (body: string): Record<string, string> => ({ 'api.proto': `syntax = "proto3";\n${body}` });

describe('a method', () => {
  it('streams: a subscription, or a list where the policy says so; requests that are a stream are a list', async () => {
    const made = await read({
      files: proto(`package s; import "google/protobuf/empty.proto"; message A { string a = 1; }
        service S { rpc WatchA(A) returns (stream A); rpc ListA(A) returns (stream A); rpc SendA(stream A) returns (A);
          rpc ChatA(stream A) returns (stream A); rpc TickA(google.protobuf.Empty) returns (stream google.protobuf.Empty); }`),
      policy: { operations: { listA: { stream: 'list', maxItems: 5 }, chatA: { stream: 'list', kind: 'mutation' } } },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Subscription')).toEqual(['tickA: Void', 'watchA(input: AInput): A']);
    expect(signatures(schema, 'Query')).toEqual(['listA(input: AInput): [A!]']);
    expect(signatures(schema, 'Mutation')).toEqual(['chatA(input: [AInput!]!): [A!]', 'sendA(input: [AInput!]!): A']);
    expect(made.text).toMatch(/chatA.*requestStream: true, responseStream: true/);
    expect(made.text).toMatch(/watchA[^\n]*responseType: "s.A", responseStream: true/);
  });

  it('is named, sorted into reading and writing, and cut down by the policy', async () => {
    const made = await read({
      files: proto(`package p; message Id { string id = 1; } message Thing { string id = 1; }
        service P { rpc FetchIt(Id) returns (Thing); rpc MakeIt(Id) returns (Thing); rpc PurgeIt(Id) returns (Thing); }`),
      policy: {
        names: { operations: { 'p.P/FetchIt': 'thing' }, types: { Thing: 'Object' }, fields: { 'Object.id': 'key' } },
        operations: { makeIt: { kind: 'query' }, purgeIt: { exclude: true } },
      },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['makeIt(input: IdInput): Object', 'thing(input: IdInput): Object']);
    expect(signatures(schema, 'Object')).toEqual(['key: String!']);
    expect(made.report.leftOut).toEqual([
      { operation: 'p.P/PurgeIt', pointer: 'p.P/PurgeIt', reason: 'excluded by policy.yaml' },
    ]);
  });

  it('mesh#3425 query or mutation: idempotency level, then HTTP verbs, then the name, and the report says when it was a guess', async () => {
    const made = await read({
      files: proto(`package q; import "google/api/annotations.proto"; message M { string a = 1; }
        service Q {
          rpc MakeSafe(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
          rpc GetTwice(M) returns (M) { option idempotency_level = IDEMPOTENT; option (google.api.http) = { get: "/x" }; }
          rpc RunIt(M) returns (M) { option (google.api.http).get = "/run"; }
          rpc RunPosted(M) returns (M) { option (google.api.http) = { post: "/run" body: "*" additional_bindings { get: "/run/{a}" } }; }
          rpc RunListed(M) returns (M) { option (google.api.http) = { post: "/run" additional_bindings: [ { put: "/a" }, { get: "/b" } ] }; }
          rpc GetPut(M) returns (M) { option (google.api.http) = { put: "/x" }; }
          rpc FindPosted(M) returns (M) { option (google.api.http) = { post: "/find" }; }
          rpc BatchGetIt(M) returns (M);
          rpc ReserveIt(M) returns (M);
        }`),
    });
    const schema = schemaOf(made);
    const names = (type: string): string[] => signatures(schema, type).map((text) => text.replace(/\(.*/, ''));
    expect(names('Query')).toEqual(['batchGetIt', 'findPosted', 'makeSafe', 'runIt', 'runListed', 'runPosted']);
    expect(names('Mutation')).toEqual(['getPut', 'getTwice', 'reserveIt']);
    expect(made.report.guessed.first.map(({ field, why }) => `${field}: ${why}`)).toEqual([
      'reserveIt: its name alone, which does not say that it only reads',
      'batchGetIt: its name alone',
      'findPosted: its name alone',
      'getPut: its HTTP rule says PUT',
      'getTwice: idempotency_level is IDEMPOTENT',
      'makeSafe: idempotency_level is NO_SIDE_EFFECTS',
      'runIt: its HTTP rule says GET',
      'runListed: its HTTP rule says GET',
      'runPosted: its HTTP rule says GET',
    ]);
    expect(made.report.notes).toEqual([]);
  });

  it('mesh#1887 the health service stands beside others: one word alone says whose it is', async () => {
    const made = await read({
      files: {
        'api.proto': `syntax = "proto3"; package shop.v1; import "grpc/health/v1/health.proto";
          message A { string a = 1; } service Watch { rpc Watch(A) returns (stream A); } service OrderService { rpc Close(A) returns (A); }`,
        'grpc/health/v1/health.proto': `syntax = "proto3"; package grpc.health.v1;
          message HealthCheckRequest { string service = 1; }
          message HealthCheckResponse { enum ServingStatus { UNKNOWN = 0; SERVING = 1; } ServingStatus status = 1; }
          service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse); }`,
      },
    });
    const schema = schemaOf(made);
    expect(signatures(schema, 'Query')).toEqual(['healthCheck(input: HealthCheckRequestInput): HealthCheckResponse']);
    expect(signatures(schema, 'Mutation')).toEqual(['orderClose(input: AInput): A']);
    expect(signatures(schema, 'Subscription')).toEqual([
      'healthWatch(input: HealthCheckRequestInput): HealthCheckResponse',
      'watch(input: AInput): A',
    ]);
    expect(signatures(schema, 'HealthCheckResponse')).toEqual(['status: HealthCheckResponseServingStatus!']);
  });

  it('keeps the names it was given before', async () => {
    const files = proto(
      'package l; message A { string a = 1; } service L { rpc Get(A) returns (A); rpc LGet(A) returns (A); }',
    );
    const made = await read({ files, locked: { operations: { 'l.L/Get': 'get', 'l.L/Gone': 'gone' } } });
    expect(signatures(schemaOf(made), 'Query').map((text) => text.replace(/\(.*/, ''))).toEqual(['get', 'lGet']);
  });
});
