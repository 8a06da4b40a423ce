/** Uploads a file of a post to OneDrive or SharePoint, as a stream from a temporary file instead of memory. */

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
  /** Returns the path of the folder at Graph, without a slash at the end: `/me/drive/root:/folder`. */
  readonly folder: () => string | Promise<string>;
  readonly maxBytes: number;
}

/** Throws FileRefused for a permanent failure, what Graph's client throws, and the error of the server. */
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
