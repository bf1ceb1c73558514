import "server-only";
import { openClientSpan, type OpenClientSpan } from "@/server/core/tracing";
import { currentCall } from "@/server/core/trace";

/** What the driver tells of a command. What it carries is not read: customers' inputs are in it. */
interface CommandEvent {
  requestId: number;
  commandName: string;
}

interface StartedEvent extends CommandEvent {
  databaseName: string;
  command: Record<string, unknown>;
}

interface FailedEvent extends CommandEvent {
  failure: Error;
}

/** The part of the driver's client that tells of commands where it was opened with `monitorCommands`. */
interface CommandSource {
  on(event: "commandStarted", listener: (event: StartedEvent) => void): unknown;
  on(event: "commandSucceeded", listener: (event: CommandEvent) => void): unknown;
  on(event: "commandFailed", listener: (event: FailedEvent) => void): unknown;
}

/** As OpenTelemetry's conventions for databases name them. */
function describeCommand({ commandName, databaseName, command }: StartedEvent): { name: string; attributes: Record<string, string> } {
  const target = command[commandName];
  const attributes = { "db.system.name": "mongodb", "db.operation.name": commandName, "db.namespace": databaseName };
  if (typeof target !== "string") return { name: commandName, attributes };
  return { name: `${commandName} ${target}`, attributes: { ...attributes, "db.collection.name": target } };
}

/** Writes a span for each command that a call has the database do; what is done beside calls is nobody's. */
export function traceCommands(client: CommandSource): void {
  const open = new Map<number, OpenClientSpan>();
  const end = ({ requestId }: CommandEvent, failure: string | null) => {
    open.get(requestId)?.end(failure);
    open.delete(requestId);
  };
  client.on("commandStarted", (event) => {
    const call = currentCall();
    if (!call || call.untraced) return;
    const { name, attributes } = describeCommand(event);
    const span = openClientSpan(name, attributes);
    if (span) open.set(event.requestId, span);
  });
  client.on("commandSucceeded", (event) => end(event, null));
  client.on("commandFailed", (event) => end(event, event.failure.name));
}
