/**
 * `POST /$batch` of the fake Graph: up to 20 requests in one, answered one by one. At most four Outlook requests run
 * at a time, whatever the mailboxes (docs/facts/microsoft-calendar.md 9).
 */

import { badRequest } from "./refusal.ts";

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const MAX_PARTS = 20;
const OUTLOOK_AT_A_TIME = 4;

export async function answerBatch(
  json: unknown,
  {
    authorization,
    base,
    fetch,
  }: { authorization: string; base: string; fetch: (request: Request) => Promise<Response> },
): Promise<object> {
  const requests = (json as { requests?: unknown } | null)?.requests;
  if (!Array.isArray(requests) || requests.length === 0) throw badRequest("Invalid batch payload format.");
  if (requests.length > MAX_PARTS)
    throw badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_PARTS}.`);
  const parts = requests as Part[];
  const ids = new Set<string>();
  for (const { id, method, url, headers, body } of parts) {
    if (typeof id !== "string" || id === "" || ids.has(id))
      throw badRequest("Duplicate or empty request id.");
    ids.add(id);
    if (typeof method !== "string" || typeof url !== "string" || !url.startsWith("/"))
      throw badRequest("A request of a batch needs a method and a relative URL.");
    const type = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "content-type")?.[1];
    if (body !== undefined && type === undefined)
      throw badRequest("The content-type header must be specified for requests with a body.");
  }
  const responses: object[] = [];
  const waiting = [...parts];
  const worker = async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) responses.push(await answer(part));
  };
  await Promise.all(Array.from({ length: OUTLOOK_AT_A_TIME }, worker));
  return { responses };

  async function answer({ id, method, url, headers = {}, body }: Part): Promise<object> {
    const request = new Request(`${base}/v1.0${url}`, {
      method,
      headers: { ...headers, Authorization: authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await fetch(request);
    const text = await response.text();
    const shown = Object.fromEntries(
      [...response.headers]
        .filter(([name]) => ["content-type", "retry-after", "location"].includes(name))
        .map(([name, value]) => [
          name === "retry-after" ? "Retry-After" : name === "location" ? "Location" : "Content-Type",
          value,
        ]),
    );
    return {
      id,
      status: response.status,
      headers: shown,
      ...(text === "" ? {} : { body: JSON.parse(text) }),
    };
  }
}
