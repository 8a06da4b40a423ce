import { pointer, sendingZeros, string, struct, type Type, uint32 } from "../gob/index.ts";
import type { Broker, RpcServer } from "../goplugin/index.ts";
import { writableTo } from "./byte-stream.ts";
import { RemoteReader } from "./remote-reader.ts";
import type { Hooks } from "./wire/hooks.gen.ts";
import { Context, FileInfo } from "./wire/model.gen.ts";
import type { Input } from "./wire/shapes.ts";

interface Args {
  A: Context;
  B: FileInfo;
  UploadedFileStream: number;
  ReplacementFileStream: number;
}
interface Returns {
  A: FileInfo | null;
  B: string;
}
const Args: Type<Args> = struct<Args>("Z_FileWillBeUploadedArgs", () => ({
  A: Context,
  B: FileInfo,
  UploadedFileStream: uint32,
  ReplacementFileStream: uint32,
}));
const Returns: Type<Returns> = struct<Returns>("Z_FileWillBeUploadedReturns", () => ({
  A: pointer(sendingZeros(FileInfo)), // merged by the server, see method-codec.ts
  B: string,
}));

/** Serves the hook FileWillBeUploaded: the file arrives on one broker stream, its replacement leaves on another. */
export function serveFileUpload(
  server: RpcServer,
  broker: Broker,
  hook: NonNullable<Hooks["fileWillBeUploaded"]>,
): void {
  server.handle("Plugin.FileWillBeUploaded", Args, Returns, async (args) => {
    const uploaded = new RemoteReader(broker.dial(args.UploadedFileStream));
    const replacement = broker.dial(args.ReplacementFileStream);
    try {
      const [info, rejection] = (await hook(args.A, args.B, uploaded.readable, writableTo(replacement))) ?? [
        null,
        "",
      ];
      replacement.end(); // the server waits for its end, even when nothing was written
      return { A: info as Input<FileInfo> as FileInfo | null, B: rejection };
    } catch (error) {
      replacement.reset(); // an incomplete replacement must not become the file
      throw error;
    } finally {
      uploaded.close();
    }
  });
}
