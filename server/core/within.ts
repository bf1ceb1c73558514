import "server-only";

/**
 * What the work gives, if it gives it in time.
 * @param refuse what to throw otherwise; the work goes on, and its outcome is not looked at
 * @throws whatever the work throws
 */
export function within<Value>(
  milliseconds: number,
  work: Promise<Value>,
  refuse = () => new Error("There was no answer in time."),
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(refuse()), milliseconds);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
