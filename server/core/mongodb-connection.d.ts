/** The part of the driver's inner connection that driver-mend.ts mends. */
declare module "mongodb/lib/cmap/connection.js" {
  export class Connection {
    closed: boolean;
    error?: Error;
    writeCommand(...command: unknown[]): Promise<void>;
    once(event: "close", listener: () => void): this;
    off(event: "close", listener: () => void): this;
  }
}
