/** The first value of a query parameter; whoever repeats one gets no more out of it. */
export function firstValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
