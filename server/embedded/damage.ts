/** The one line for a data file that cannot be read, with what to do. */
export function damaged(file: string, why: string): Error {
  return new Error(
    `${file} is damaged or not a data file of the embedded database (${why}); it was not changed: ` +
      "restore it from a copy, `npm run data:check` says whether that one is whole",
  );
}
