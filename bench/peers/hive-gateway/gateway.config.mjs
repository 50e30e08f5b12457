import { defineConfig } from '@graphql-hive/gateway';

/** As it comes; only its log per request is off. */
export const gatewayConfig = defineConfig({ logging: 'warn', graphiql: false, landingPage: false });
