/** A service with every kind of field and method. */
import type { ConnectorOptions } from '../../../gateway/connect/connector.ts';
import { connectorOptions, importProto } from './grpc-kit.ts';

export const PROTO = `
syntax = "proto3";
package test.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/any.proto";
import "google/protobuf/field_mask.proto";
service Things {
  rpc GetThing(Thing) returns (Thing);
  rpc Close(Thing) returns (google.protobuf.Empty);
  rpc constructor(Thing) returns (Thing);
  rpc WatchThings(Thing) returns (stream Thing);
  rpc SendThings(stream Thing) returns (Thing);
  rpc ChatThings(stream Thing) returns (stream Thing);
  rpc WatchNothing(google.protobuf.Empty) returns (stream google.protobuf.Empty);
  rpc SendNothings(stream Flag) returns (Thing);
  rpc GetTime(google.protobuf.StringValue) returns (google.protobuf.Timestamp);
}
enum Color { option allow_alias = true; COLOR_UNSPECIFIED = 0; COLOR_RED = 5; COLOR_ROUGE = 5; }
message Flag {}
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
  repeated google.protobuf.Timestamp times = 14;
  Thing child = 15;
  map<string, Thing> things_by_name = 16;
  oneof target { string by_name = 17; Thing by_thing = 18; Color by_color = 19; Flag by_nothing = 20; int64 by_number = 21; }
  map<int64, Color> colors = 22;
  map<bool, string> flags = 23;
  google.protobuf.Struct extra = 24;
  google.protobuf.Value value = 25;
  google.protobuf.ListValue list = 26;
  google.protobuf.Any any = 27;
  google.protobuf.FieldMask mask = 28;
  Flag flag = 29;
  float ratio = 30;
  repeated Color palette = 31;
  repeated google.protobuf.Value values = 32;
  map<int32, Flag> marks = 33;
  google.protobuf.BytesValue blob = 34;
  optional Color maybe_color = 35;
  string constructor = 36;
  repeated Flag flags_seen = 37;
}
`;

const product = importProto(PROTO);

/** Options of a connector for the service `test.v1.Things`. */
export async function options(rest: Parameters<typeof connectorOptions>[1] = {}): Promise<ConnectorOptions> {
  return connectorOptions(await product, rest);
}
