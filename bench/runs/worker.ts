import { setFlagsFromString } from 'node:v8';
import { benchHouse } from './house.ts';

// One worker of bench/runs/run.ts, with memory as a worker of `latchkey runs` has it: does what a run wants. Says when it has begun, and
// at its end what it cost. Usage: node bench/runs/worker.ts POSTGRES_URL RUN_ID [stays|ends] [pace, percent]
//
// `stays`: until SIGTERM, as `latchkey runs work` does; otherwise until there is nothing left.

setFlagsFromString('--heap-growing-percent=60');
const [url = '', runId, how, pace] = process.argv.slice(2);
const house = benchHouse(url);
const ended = new AbortController();
process.once('SIGTERM', () => ended.abort());
const cpu = process.cpuUsage();
console.log('ready');
await house.migration.runs.work({ runId, untilIdle: how !== 'stays', pace: Number(pace ?? 100), signal: ended.signal });
const { user, system } = process.cpuUsage(cpu);
await house.close();
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 }));
