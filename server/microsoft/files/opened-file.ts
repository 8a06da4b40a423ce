/** Opens a file that a Teams message shares, or a picture in its text (docs/facts/microsoft-chat.md 5.5 and 6.5). */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { Credential, Download, GraphClient } from "../graph/index.ts";
import { type FileReference, hostedContentPath } from "../teams-messages/index.ts";
import { safeName } from "./file-name.ts";
import { FileRefused, tooLarge } from "./refusal.ts";

export interface OpenedFile {
  readonly download: Download;
  /** Empty for a picture without a name. */
  readonly name: string;
  /** In bytes; null when Microsoft does not state it. */
  readonly size: number | null;
}

export interface OpeningPorts {
  readonly graph: Pick<GraphClient, "download" | "request">;
  /** Default: the app's own credential. */
  readonly credential?: Credential;
  readonly signal: AbortSignal;
}

const item = lazy(() => z.object({ name: z.string().nullish(), size: z.number().nullish() }));

/** Throws FileRefused, and what Graph's client throws. */
export async function openSharedFile(
  { graph, ...as }: OpeningPorts,
  file: FileReference,
  maxBytes: number,
): Promise<OpenedFile> {
  if (maxBytes === 0) throw tooLarge(0);
  // The readers here may not be allowed to see a picture of another chat or channel.
  if (file.from === "hostedContent" && file.foreign) throw new FileRefused("denied");
  if (file.from === "hostedContent") {
    const download = await graph.download({ path: hostedContentPath(file), ...as });
    return checked({ download, name: "", size: download.length }, maxBytes);
  }
  const shared = `/shares/u!${Buffer.from(file.url).toString("base64url")}/driveItem`;
  const about = await graph.request({ path: `${shared}?$select=id,name,size,file`, answer: item(), ...as });
  if ((about.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const download = await graph.download({ path: `${shared}/content`, ...as });
  const name = safeName(about.name || file.name, "file");
  // The length of the download is newer than the size of the item. The item of a notebook has size 0.
  return checked({ download, name, size: download.length ?? (about.size || null) }, maxBytes);
}

async function checked(opened: OpenedFile, maxBytes: number): Promise<OpenedFile> {
  const { download, size } = opened;
  if (size === 0 || (size ?? 0) > maxBytes) {
    await download.body.cancel().catch(() => {});
    throw size === 0 ? new FileRefused("empty") : tooLarge(maxBytes);
  }
  return opened;
}
