import { ABORT, type RootDatabase } from "lmdb";

/**
 * A transaction of LMDB that stays open over turns of the event loop. Whatever is read or written meanwhile is read and written in it.
 */
export class HeldTransaction {
  private end: (outcome?: unknown) => void = () => undefined;

  constructor(environment: RootDatabase<Buffer, Buffer>) {
    // lmdb-js ends a transaction when what its work gave calls back, and is content with a callback that comes at once.
    environment.transactionSync((): unknown => ({
      then: (end: (outcome?: unknown) => void) => {
        this.end = end;
      },
    }));
  }

  /** Returns when everything is on the disk. @throws LMDB's error; nothing of the transaction is there then */
  commit(): void {
    this.end();
  }

  abort(): void {
    this.end(ABORT);
  }
}
