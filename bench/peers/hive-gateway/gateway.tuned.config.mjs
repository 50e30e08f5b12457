import { defineConfig } from '@graphql-hive/gateway';

/** What its documentation offers for speed: documents compiled, requests under way at the same time shared. */
export const gatewayConfig = defineConfig({
  logging: 'warn',
  graphiql: false,
  landingPage: false,
  jit: true,
  inboundInflightRequestDeduplication: true,
});
