import { benchHouse } from './house.ts';

// One worker of bench/runs/run.ts: does what a run wants until there is nothing left, and prints what it cost.
// Usage: node bench/runs/worker.ts POSTGRES_URL RUN_ID

const [url = '', runId] = process.argv.slice(2);
const house = benchHouse(url);
const cpu = process.cpuUsage();
await house.migration.runs.work({ runId, untilIdle: true });
const { user, system } = process.cpuUsage(cpu);
await house.close();
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 }));
