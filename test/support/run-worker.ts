import { flushCompileCache } from 'node:module';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { legacyEstate } from './legacy-estate.ts';

// A worker in a process of its own, to be killed. Usage: node run-worker.ts POSTGRES_URL RUN_ID until-idle|waiting [wrap]
// Its clock stands still, as in the tests: what two workers write at the same step has the same time.

const [url = '', runId, how, wrap] = process.argv.slice(2);
const db = openDatabase({ url, poolSize: 4, statementTimeoutMs: 10_000, connectTimeoutMs: 2_000 }, () => {});
const { migration } = legacyEstate(db);
// Most of the time of a worker that is soon killed goes into compiling it.
flushCompileCache();
process.stdout.write('ready\n');
await migration.runs.work({ runId, untilIdle: how === 'until-idle', wrapOnly: wrap === 'wrap' });
await db.close();
process.exit(0);
