/** A service with every kind of field, and its schema: times are text in one place and messages in another. */
import { rootJsonOf } from './grpc-kit.ts';
import { optionsOf } from './kit.ts';

export const PROTO = `
syntax = "proto3";
package test.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/empty.proto";
service Things {
  rpc GetThing(Thing) returns (Thing);
  rpc Close(Thing) returns (google.protobuf.Empty);
  rpc constructor(Thing) returns (Thing);
}
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 5; }
message Thing {
  string thing_id = 1;
  int64 big_number = 2;
  uint64 huge_number = 3;
  bytes raw_bytes = 4;
  Color color = 5;
  repeated Thing sub_things = 6;
  optional int32 maybe = 7;
  map<string, int64> counts = 8;
  google.protobuf.Timestamp made_at = 9;
  google.protobuf.Duration took = 10;
  google.protobuf.StringValue nick_name = 11;
  google.protobuf.Int64Value wrapped = 12;
  google.protobuf.Timestamp plain_time = 13;
  repeated google.protobuf.Timestamp times = 14;
  Thing child = 15;
  map<string, Thing> things_by_name = 16;
}
`;

const field = (method: string, type = 'Thing'): string =>
  `(input: ThingInput): ${type} @grpcMethod(subgraph: "shop", rootJsonName: "Root0", objPath: "test.v1.Things", methodName: "${method}", requestType: "test.v1.Thing", responseType: "test.v1.Thing")`;
const wire = (name: string): string => `@resolveRootField(subgraph: "shop", field: "${name}")`;
const SDL = `
  enum Color { COLOR_UNSPECIFIED COLOR_RED }
  type Time { seconds: Int64 nanos: Int }
  type Thing {
    thingId: String ${wire('thing_id')}
    subThings: [Thing] ${wire('sub_things')}
    madeAt: String ${wire('made_at')}
    took: String
    nickName: String ${wire('nick_name')}
    wrapped: Int64
    plainTime: Time ${wire('plain_time')}
    times: [String]
    child: Thing
    joined: String
  }
  input ThingInput {
    thingId: String ${wire('thing_id')}
    bigNumber: Int64 ${wire('big_number')}
    hugeNumber: UInt64 ${wire('huge_number')}
    rawBytes: String ${wire('raw_bytes')}
    color: Color
    subThings: [ThingInput] ${wire('sub_things')}
    maybe: Int
    counts: JSON
    madeAt: String ${wire('made_at')}
    took: String
    nickName: String ${wire('nick_name')}
    wrapped: Int64
    times: [String]
    thingsByName: JSON ${wire('things_by_name')}
  }
  type Query { getThing${field('GetThing')} close${field('Close', 'JSON')} odd${field('constructor')} }
`;

const ROOTS = [{ name: 'Root0', rootJson: rootJsonOf(PROTO) }];
/** Options of a connector for the service `test.v1.Things`. */
export const options = (rest: Partial<Parameters<typeof optionsOf>[0]> = {}) =>
  optionsOf({ sdl: SDL, roots: ROOTS, ...rest });
