/** Whom the person signed out as, kept in the browser, so that the next one is not kept out. */

const SIGNED_OUT = "mission-collaboration:signed-out";

/** A browser that blocks storage in frames throws. */
export function remembered(): string | null {
  try {
    return localStorage.getItem(SIGNED_OUT);
  } catch {
    return null;
  }
}

export function remember(personKey: string | null): void {
  try {
    if (personKey === null) localStorage.removeItem(SIGNED_OUT);
    else localStorage.setItem(SIGNED_OUT, personKey);
  } catch {
    // The person then stays signed out until the page is opened again.
  }
}
