/** A file of a post → OneDrive or SharePoint, as a stream: the file rests in a temporary one, not in memory. */

import type { FileInfo, OpenFile } from "../../runtime/mattermost/index.ts";
import type { Credential, DriveItem, GraphClient } from "../graph/index.ts";
import { driveName } from "./file-name.ts";
import { FileRefused, tooLarge } from "./refusal.ts";

export interface SendingPorts {
  readonly graph: Pick<GraphClient, "upload">;
  readonly openFile: (fileId: string) => Promise<OpenFile>;
  readonly credential: Credential;
  readonly signal: AbortSignal;
}

export interface Place {
  /** Of the folder at Graph, up to the slash before a name: `/me/drive/root:/folder`. Asked for when it is needed. */
  readonly folder: () => string | Promise<string>;
  readonly maxBytes: number;
}

/** Throws FileRefused for good, what Graph's client throws, and what the server says. */
export async function sendFile(
  { graph, openFile, ...as }: SendingPorts,
  info: Pick<FileInfo, "Id" | "Name" | "Size">,
  { folder, maxBytes }: Place,
): Promise<DriveItem> {
  // Graph accepts no empty file.
  if (info.Size === 0) throw new FileRefused("empty");
  if (info.Size > maxBytes) throw tooLarge(maxBytes);
  const file = await openFile(info.Id).catch((error: unknown) => {
    if ((error as { statusCode?: unknown } | null)?.statusCode === 404) throw new FileRefused("gone");
    throw error;
  });
  try {
    if (file.size === 0) throw new FileRefused("empty");
    if (file.size > maxBytes) throw tooLarge(maxBytes);
    return await graph.upload({
      path: `${await folder()}/${encodeURIComponent(driveName(info.Name))}:`,
      size: file.size,
      bytes: () => file.parts(),
      ...as,
    });
  } finally {
    file.close();
  }
}
