import type { Command } from 'commander';
import { CommandFailure, EXIT } from '../exit-codes.ts';

export interface HowMuchOptions {
  readonly workers: string;
  readonly pace: string;
}

export interface HowMuch {
  /** Processes. */
  readonly workers: number;
  /** Percent of the time that each of them works. */
  readonly pace: number;
}

const MAX_WORKERS = 64;

export const addHowMuch = (command: Command): Command =>
  command
    .option('--workers <n>', 'processes that work here, this one among them', '1')
    .option('--pace <percent>', 'of the time that each works; it rests between batches, for those who sign in', '100');

/** @throws CommandFailure */
export const howMuchOf = ({ workers, pace }: HowMuchOptions): HowMuch => ({
  workers: wholeNumber('--workers', workers, MAX_WORKERS),
  pace: wholeNumber('--pace', pace, 100),
});

function wholeNumber(option: string, given: string, most: number): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new CommandFailure(EXIT.usage, `${option} is a whole number from 1 to ${most}, not "${given}".`);
  return value;
}
