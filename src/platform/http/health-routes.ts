import type { FastifyInstance } from 'fastify';
import type { Queryable } from '../postgres/database.ts';
import { pendingMigrations } from '../postgres/migrate.ts';

export interface HealthOptions {
  readonly db: Queryable;
  /** Whether Redis answers; left out when there is none. Without Redis we are slower, not away. */
  readonly redisReady?: (() => boolean | Promise<boolean>) | undefined;
  readonly isDraining: () => boolean;
}

/** `/health/live`: the process turns. `/health/ready`: it can serve, so a load balancer may send people here. */
export function addHealthRoutes(app: FastifyInstance, { db, redisReady, isDraining }: HealthOptions): void {
  let isMigrated = false;
  const checkPostgres = async (): Promise<'up' | 'down' | 'not-migrated'> => {
    try {
      // Migrations only go forward: once they are all there, one small query tells enough.
      if (isMigrated) await db.query({ text: 'SELECT 1' });
      else isMigrated = (await pendingMigrations(db)).length === 0;
      return isMigrated ? 'up' : 'not-migrated';
    } catch (error) {
      app.log.warn({ err: error }, 'not ready: postgres');
      return 'down';
    }
  };
  const checkRedis = async (): Promise<'up' | 'down' | 'none'> => {
    if (redisReady === undefined) return 'none';
    try {
      return (await redisReady()) ? 'up' : 'down';
    } catch {
      return 'down';
    }
  };

  app.get('/health/live', () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const [postgres, redis] = await Promise.all([checkPostgres(), checkRedis()]);
    const isReady = postgres === 'up' && !isDraining();
    if (!isReady) void reply.code(503).header('retry-after', 1);
    return { status: isReady ? 'ready' : isDraining() ? 'draining' : 'not-ready', postgres, redis };
  });
}
