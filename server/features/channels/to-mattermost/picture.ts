/** The picture beside a copied message: the person's own from Microsoft 365, else their initials. */

import type { ChannelsPorts } from "../ports.ts";
import { bounded } from "./convert.ts";

const MAX_BYTES = 256 * 1024;
const OBJECT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const COLORS = ["#4f6bed", "#8764b8", "#c239b3", "#ca5010", "#498205", "#038387", "#986f0b", "#69797e"];

export async function picture(
  { graph, log }: Pick<ChannelsPorts, "graph" | "log">,
  objectId: string,
): Promise<Response> {
  const bytes = OBJECT_ID.test(objectId)
    ? await graph
        .download({ path: `/users/${encodeURIComponent(objectId)}/photos/48x48/$value`, tries: 1 })
        .then(({ body }) => bounded(body, MAX_BYTES))
        .catch((error: unknown) => {
          log.info("A picture could not be read", { error: error instanceof Error ? error.name : "unknown" });
          return null;
        })
    : null;
  const isPicture = bytes && (bytes[0] === 0xff || bytes[0] === 0x89);
  const headers = { "Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff" };
  if (isPicture)
    return new Response(new Uint8Array(bytes), {
      headers: { ...headers, "Content-Type": bytes[0] === 0xff ? "image/jpeg" : "image/png" },
    });
  return new Response(figure(objectId), { headers: { ...headers, "Content-Type": "image/svg+xml" } });
}

/** The same colour for the same person; nothing of the address appears in the picture. */
function figure(objectId: string): string {
  let sum = 0;
  for (const letter of objectId) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  const color = COLORS[sum % COLORS.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="${color}"/><circle cx="24" cy="18" r="8" fill="#fff"/><path d="M8 44a16 14 0 0 1 32 0z" fill="#fff"/></svg>`;
}
