import { chromium, type Browser } from 'playwright-core';
import { chromiumPath } from '../../scripts/checks/chromium-path.ts';

/** The Chromium of this machine, without a window. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('no chromium on this machine: npm test installs it or says how');
  // Chromium's sandbox does not work for root; the pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
}
