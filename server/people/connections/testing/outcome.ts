/** The outcome that a page after a flow shows. */

export async function outcomeOf(response: Response): Promise<string> {
  return /data-outcome="(\w+)"/.exec(await response.clone().text())?.[1] ?? "no page";
}
