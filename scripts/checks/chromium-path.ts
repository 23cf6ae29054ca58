import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The Chromium of this machine, or undefined. */
export function chromiumPath(): string | undefined {
  return (
    findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome') ?? ELSEWHERE.find(runs)
  );
}

export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(runs);
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
