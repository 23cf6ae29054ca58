import { unavailable } from '../failure/latchkey-error.ts';

/** Rejects after `timeoutMs`, but not when the answer lay unread because this process itself was busy. */
export function withinTime<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const giveUp = (): void => {
      if (isSettled) return;
      reject(unavailable('redis timed out'));
      onTimeout();
    };
    // Timers fire before sockets are read: one turn of the loop lets an answer that is already here win.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
    };
    work.finally(settle).then(resolve, reject);
  });
}
