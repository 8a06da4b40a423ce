/** A look-up of the server's for which "there is none" is an answer, and everything else a failure. */
export async function foundOrNull<T>(look: Promise<T | null>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if (typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404)
      return null;
    throw error;
  }
}
