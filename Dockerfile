# syntax=docker/dockerfile:1

# Everything that is needed to compile, and to run the example services.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

# What the gateway needs at run time, installed apart so that nothing of the build comes along.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# The example shop: `docker build --target examples .`
FROM build AS examples
ENV HOST=0.0.0.0
USER node
EXPOSE 4101 4102 4103 4104
CMD ["node_modules/.bin/tsx", "examples/start.ts"]

# The gateway.
FROM node:24-bookworm-slim AS gateway
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# gateway.yaml is optional: the pattern lets the build go on without it.
COPY package.json .meshrc.yaml gateway.yam[l] ./
COPY schemas ./schemas
COPY sources ./sources
USER node
EXPOSE 4000 4001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.ADMIN_PORT || 4001) + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/tributary.js", "serve"]
