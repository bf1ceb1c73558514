import "server-only";

/**
 * What the work gives, if it gives it in time.
 * @param refuse what to throw otherwise; the work goes on, and its outcome is not looked at
 * @throws whatever the work throws
 */
export async function within<Value>(
  milliseconds: number,
  work: Promise<Value>,
  refuse = () => new Error("There was no answer in time."),
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(refuse()), milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
