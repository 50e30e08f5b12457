/** Kinds of contracts that can be brought. Apart from what reads them, so that naming a kind loads no reader. */
export const SOURCE_KINDS = ['openapi', 'grpc', 'graphql'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
