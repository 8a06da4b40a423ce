/**
 * Returns a function that creates a value on its first call and keeps it. Schemas use it: creating all of them at
 * import would cost every start 7 ms.
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
