import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyTable {
  has(high: number, low: number): boolean;
  /** Whether it was not there before. `low` is never 0. */
  add(high: number, low: number): boolean;
  close(): void;
}

const PAGE_BYTES = 4096;
const PAGE_KEYS = PAGE_BYTES / 8;
/** Keys are spread evenly: at this load no page comes near to being full. */
const LOAD = 0.6;
const FIRST_PAGES = 1 << 13;

/**
 * Keys in pages of a file that has no name any more: it goes with the process, however that ends. A page is chosen by the
 * highest bits of a key, so twice as many pages are made in one pass over the old ones.
 */
export function createKeyFile(firstPages = FIRST_PAGES): KeyTable {
  let file = openNameless();
  let pages = firstPages;
  let size = 0;
  let held = -1;
  const page = new Uint32Array(PAGE_KEYS * 2);

  const hold = (number: number): void => {
    if (held === number) return;
    held = number;
    const read = readSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
    page.fill(0, read / 4);
  };
  const pageOf = (high: number): number => Math.floor((high / 2 ** 32) * pages);
  const write = (place: number): void => void writeSync(file, page, place * 4, 8, held * PAGE_BYTES + place * 4);

  const grow = (): void => {
    const larger = openNameless();
    const halves = new Uint32Array(PAGE_KEYS * 4);
    for (let number = 0; number < pages; number += 1) {
      hold(number);
      halves.fill(0);
      for (let at = 0; at < page.length; at += 2) {
        const [high = 0, low = 0] = [page[at], page[at + 1]];
        if (low === 0) continue;
        const isUpper = Math.floor((high / 2 ** 32) * pages * 2) % 2;
        const half = halves.subarray(isUpper * page.length, (isUpper + 1) * page.length);
        half.set([high, low], find(half, high, low));
      }
      writeSync(larger, halves, 0, PAGE_BYTES * 2, number * PAGE_BYTES * 2);
    }
    closeSync(file);
    file = larger;
    pages *= 2;
    held = -1;
  };

  return {
    has(high, low) {
      hold(pageOf(high));
      return page[find(page, high, low) + 1] !== 0;
    },
    add(high, low) {
      if (size > pages * PAGE_KEYS * LOAD) grow();
      hold(pageOf(high));
      const place = find(page, high, low);
      if (page[place + 1] !== 0) return false;
      page[place] = high;
      page[place + 1] = low;
      write(place);
      size += 1;
      return true;
    },
    close: () => closeSync(file),
  };
}

function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-keys-'));
  const file = openSync(join(folder, 'keys'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  return file;
}

/** The place of a key in a page, or the free place where it belongs. */
function find(page: Uint32Array, high: number, low: number): number {
  for (let slot = (low >>> 1) % PAGE_KEYS; ; slot = (slot + 1) % PAGE_KEYS) {
    const a = page[slot * 2];
    const b = page[slot * 2 + 1];
    if (b === 0 || (a === high && b === low)) return slot * 2;
  }
}
