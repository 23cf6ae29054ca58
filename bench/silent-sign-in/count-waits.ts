/**
 * Counts sequential waits: calls that a request has to wait for before it can go on. Calls that leave in one turn of the
 * event loop travel together and count once.
 */
export interface WaitCounter {
  sent(): void;
  take(): number;
}

export function createWaitCounter(): WaitCounter {
  let waits = 0;
  let isOpen = false;
  return {
    sent() {
      if (isOpen) return;
      isOpen = true;
      waits += 1;
      setImmediate(() => {
        isOpen = false;
      });
    },
    take() {
      const taken = waits;
      waits = 0;
      return taken;
    },
  };
}
