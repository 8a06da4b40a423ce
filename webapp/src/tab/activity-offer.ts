/**
 * The question "Keep telling me?", asked once of people who arrive from an activity. The server decides whom to ask.
 */

export interface OfferPorts {
  readonly pluginPath: string;
  readonly fetch: typeof globalThis.fetch;
  readonly cookies: () => string;
}

export async function activityOfferDue(ports: OfferPorts): Promise<boolean> {
  try {
    const response = await ports.fetch(`${ports.pluginPath}/api/v1/notifications/offer`);
    return response.ok && ((await response.json()) as { due?: unknown }).due === true;
  } catch {
    return false;
  }
}

export async function answerActivityOffer(ports: OfferPorts, keep: boolean): Promise<void> {
  await ports
    .fetch(`${ports.pluginPath}/api/v1/notifications/offer`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        "X-CSRF-Token": /(?:^|; )MMCSRF=([^;]+)/.exec(ports.cookies())?.[1] ?? "",
      },
      body: JSON.stringify({ keep }),
    })
    .catch(() => {});
}
