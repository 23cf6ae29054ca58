export interface WriteBehind {
  next(write: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/** One batch is written while the next is made; a failure comes out with the next. */
export function createWriteBehind(): WriteBehind {
  let writing: Promise<void> = Promise.resolve();
  return {
    async next(write) {
      await writing;
      writing = write();
      writing.catch(() => {});
    },
    end: () => writing,
  };
}
