/** Turns "not found" of a server look-up into null; any other error is thrown. */
export async function foundOrNull<T>(look: Promise<T | null>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if (typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404)
      return null;
    throw error;
  }
}
