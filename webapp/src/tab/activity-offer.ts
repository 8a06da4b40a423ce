/**
 * The question "Keep telling me?", asked once of people who arrive from an activity. The server decides whom to ask.
 */

export interface OfferDoor {
  readonly pluginPath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly cookies: () => string;
}

export async function activityOfferDue(door: OfferDoor): Promise<boolean> {
  try {
    const response = await door.fetch(`${door.pluginPath}/api/v1/notifications/offer`);
    return response.ok && ((await response.json()) as { due?: unknown }).due === true;
  } catch {
    return false;
  }
}

export async function answerActivityOffer(door: OfferDoor, keep: boolean): Promise<void> {
  await door
    .fetch(`${door.pluginPath}/api/v1/notifications/offer`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": /(?:^|; )MMCSRF=([^;]+)/.exec(door.cookies())?.[1] ?? "",
      },
      body: JSON.stringify({ keep }),
    })
    .catch(() => {});
}
