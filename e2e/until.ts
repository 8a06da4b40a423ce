/**
 * Waits for something that another process or the background does. Resolves at the first success, so a long timeout
 * costs nothing while things go well, and a busy machine does not fail the test. `what` as a function says how far it
 * came.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string | (() => string),
  seconds = 120,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end)
      throw new Error(`not within ${seconds} s: ${typeof what === "string" ? what : what()}`);
    await Bun.sleep(20);
  }
}
