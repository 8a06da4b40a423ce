/** Remembers in the browser which person signed out, so that another person is still signed in automatically. */

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
