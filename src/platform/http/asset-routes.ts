import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { AssetFile, Assets } from '../pages/assets.ts';
import { NOT_FOUND, replyWithFailure } from './reply-with-failure.ts';

type Encoding = 'br' | 'gzip' | 'identity';

const COMPRESS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;

/** Serves the page assets from memory, compressed once each. Their path names their content, so they never change. */
export function addAssetRoutes(app: FastifyInstance, assets: Assets): void {
  const compressed = new Map<string, Promise<Buffer>>();
  const bytes = (name: string, file: AssetFile, encoding: Encoding): Promise<Buffer> => {
    if (encoding === 'identity') return Promise.resolve(file.body);
    const key = `${encoding} ${name}`;
    const known = compressed.get(key) ?? COMPRESS[encoding](file.body);
    compressed.set(key, known);
    return known;
  };

  app.get<{ Params: { version: string; file: string } }>('/assets/:version/:file', async (request, reply) => {
    const file = assets.files.get(request.params.file);
    if (file === undefined || request.params.version !== assets.version) {
      return replyWithFailure(request, reply, NOT_FOUND);
    }
    const encoding = bestEncoding(request.headers['accept-encoding']);
    if (encoding !== 'identity') void reply.header('content-encoding', encoding);
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('vary', 'accept-encoding')
      .type(file.type)
      .send(await bytes(request.params.file, file, encoding));
  });
}

function bestEncoding(accepted: string | undefined): Encoding {
  if (accepted === undefined) return 'identity';
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : 'identity';
}
