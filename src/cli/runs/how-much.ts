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

/** `pace`: what is taken when nothing is said. */
export const addHowMuch = (command: Command, pace: '50' | '100'): Command =>
  command
    .option('--workers <n>', 'processes that work here, this one among them', '1')
    .option(
      '--pace <percent>',
      'share of the time that each works, in percent; the rest is left to those who sign in',
      pace,
    );

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
