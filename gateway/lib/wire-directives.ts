/** Stands where a discriminator names a property: the status that an answer came with, or the range of it that the contract declares. */
export const STATUS_PROPERTY = ':status';

/**
 * The directives that say how a field maps to the wire. They stand in `schemas/<source>.graphql` and in the private form of the
 * unified schema, never in the public one. `subgraph` is the source.
 */
export const WIRE_DIRECTIVES = /* GraphQL */ `
scalar WireValue

"A source: its kind, the contract's own server, and what else its connector has to know: descriptors, security schemes, variables of the server."
directive @transport(subgraph: String!, kind: String!, location: String, options: WireValue) repeatable on SCHEMA

"Which source a type or field comes from; on fields only where the type has several."
directive @source(subgraph: String!, name: String) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR | FIELD_DEFINITION

"The REST operation behind a root field; each of params is { arg, name, in, style, explode }, security holds alternatives, each a list of { scheme, scopes }, errors pairs of statuses and JSON text of the properties that failed answers have."
directive @httpOperation(subgraph: String!, path: String!, httpMethod: String!, params: [WireValue!], body: WireValue, accept: String, security: WireValue, errors: WireValue) repeatable on FIELD_DEFINITION

"The gRPC method behind a root field, and which of its sides are streams."
directive @grpcMethod(subgraph: String!, rootJsonName: String!, objPath: String!, methodName: String!, requestType: String!, responseType: String!, requestStream: Boolean, responseStream: Boolean) repeatable on FIELD_DEFINITION

"The root field of a GraphQL source behind a root field: its name and type there."
directive @graphqlField(subgraph: String!, name: String!, type: String!) repeatable on FIELD_DEFINITION

"The name on the wire, where it differs."
directive @resolveRootField(subgraph: String!, field: String!) repeatable on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"The value is the parent's own: a wrapper that has no counterpart on the wire. In an input, set holds pairs of property and JSON text that the wire wants beside the value."
directive @resolveRoot(subgraph: String!, set: [[String!]!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

"A map on the wire, shown as a list of key and value; with rest it is made of those properties of the parent that no other field has."
directive @dictionary(subgraph: String!, rest: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION

"The value on the wire as JSON text, where it differs from the name."
directive @enum(subgraph: String!, value: String!) repeatable on ENUM_VALUE

"The property that tells the members of a union or interface apart; mapping holds pairs of value and type, otherwise is the type of all other values."
directive @discriminator(subgraph: String!, field: String!, mapping: [[String!]!], otherwise: String) repeatable on INTERFACE | UNION

"How members of a union or interface are told apart where no discriminator does; each is { type, json, extends, required, values } in wire terms; beside a discriminator's otherwise, what it has beyond that type."
directive @variants(subgraph: String!, members: [WireValue!]!) repeatable on INTERFACE | UNION

"The input is written as text although its scalar is a number."
directive @encode(subgraph: String!, as: String!) repeatable on INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION

"How a field, or the body that an argument is, stands in XML: the name of its element or attribute, and of the items of a list."
directive @xml(subgraph: String!, name: String, attribute: Boolean, wrapped: Boolean, item: String, prefix: String, namespace: String) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION

"A join: the field is read by calling another source, matched by key."
directive @resolveTo(sourceName: String!, sourceTypeName: String, sourceFieldName: String!, requiredSelectionSet: String, sourceArgs: WireValue, keyField: String, keysArg: String, valueKeyField: String, result: String, keyFields: [String!], keysArgFields: [String!], valueKeyFields: [String!], batchSize: Int) on FIELD_DEFINITION

"The field looks up entities of its type by key, for types that several sources share."
directive @merge(subgraph: String!, keyField: String, keysArg: String!, valueKeyField: String, result: String, keyFields: [String!], keysArgFields: [String!], batchSize: Int) repeatable on FIELD_DEFINITION

"How long whole answers with the field are kept, in seconds, and for whom: the least of all fields of an operation counts, and PRIVATE wins."
directive @cacheControl(maxAge: Int, scope: String, staleWhileRevalidate: Int, staleIfError: Int, tags: [String!]) on FIELD_DEFINITION

"What the mutation makes old of what is kept; each of entities is { type, idFrom }, the argument that holds its id."
directive @invalidates(entities: [WireValue!], types: [String!], lists: [String!], tags: [String!], sources: [String!]) on FIELD_DEFINITION

"The field tells values of its type apart."
directive @entityId on FIELD_DEFINITION
"Points of a field, an argument or a value, for the price of operations (GraphQL Cost Directives)."
directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

"How long a list gets (GraphQL Cost Directives)."
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION

"How often one principal may select the field."
directive @rateLimit(max: Int!, window: String!, identityArgs: [String!]) on FIELD_DEFINITION
"Only for who has shown a proof of identity."
directive @authenticated(subgraph: String) repeatable on SCHEMA | OBJECT | INTERFACE | UNION | SCALAR | ENUM | INPUT_OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"Scopes that are needed: one of the lists, all of it."
directive @requiresScopes(scopes: [[String!]!]!, subgraph: String) repeatable on SCHEMA | OBJECT | INTERFACE | UNION | SCALAR | ENUM | INPUT_OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"Roles of which one is needed."
directive @requiresRole(roles: [String!]!, subgraph: String) repeatable on SCHEMA | OBJECT | INTERFACE | UNION | SCALAR | ENUM | INPUT_OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"A rule by name and what it compares; options is JSON text."
directive @policy(name: String!, claim: String, argument: String, field: String, options: String, unlessRoles: [String!], unlessScopes: [[String!]!], subgraph: String) repeatable on SCHEMA | OBJECT | INTERFACE | UNION | SCALAR | ENUM | INPUT_OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"What a source requires of all that call it, which stands on the schema, does not hold for this root field or join."
directive @withoutDefaults on FIELD_DEFINITION
`;
