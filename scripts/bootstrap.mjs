// Runs before `npm start` and `npm test`, on whatever Node the machine has: installs what the lockfile asks for, also
// the Node that the scripts proper run on. Nothing happens when that was done before.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAMP = 'node_modules/.bootstrap-stamp';
const OLDEST_NODE = 24;

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');

if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8').trim() !== wanted) {
  console.log('Installing packages (about 20 seconds the first time) …');
  const npm = process.env['npm_execpath'];
  const how = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm
    ? spawnSync(process.execPath, [npm, ...how], { stdio: 'inherit' })
    : spawnSync('npm', how, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
  // Written last: an interrupted installation begins again.
  writeFileSync(STAMP, wanted);
}

if (!existsSync('node_modules/.bin/node') && Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`npm has no Node for ${process.platform}-${process.arch}: install Node ${OLDEST_NODE} or newer.`);
  process.exit(1);
}
