/** A value that is made when it is first asked for. All schemas are: made at import, they cost every start 7 ms. */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
