import { afterEach, describe, expect, test } from "bun:test";
import { pointer, string, struct, type Type, uint32 } from "../gob/index.ts";
import { serveReader } from "./byte-stream.ts";
import { definePlugin } from "./plugin.ts";
import { RemoteReader } from "./remote-reader.ts";
import { TestHost } from "./testing/host.ts";
import type { Hooks } from "./wire/hooks.gen.ts";
import { Context, FileInfo } from "./wire/model.gen.ts";

const Args: Type<Record<string, unknown>> = struct<Record<string, unknown>>("", () => ({
  A: Context,
  B: FileInfo,
  UploadedFileStream: uint32,
  ReplacementFileStream: uint32,
}));
const Returns: Type<Record<string, unknown>> = struct<Record<string, unknown>>("", () => ({
  A: pointer(FileInfo),
  B: string,
}));

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

/** Plays the server: lends the file, copies the replacement, and waits for its end. */
async function upload(file: Uint8Array, fileWillBeUploaded: NonNullable<Hooks["fileWillBeUploaded"]>) {
  const host = await TestHost.start(definePlugin({ fileWillBeUploaded }));
  hosts.push(host);
  const { broker } = host;
  const [UploadedFileStream, ReplacementFileStream] = [broker.nextId(), broker.nextId()];
  void broker.accept(UploadedFileStream).then((stream) => serveReader(file, stream));
  const replacement = broker
    .accept(ReplacementFileStream)
    .then((stream) => new Response(new RemoteReader(stream, { framing: "raw" }).readable).bytes())
    .catch((error: Error) => error);
  const reply = await host.hooks
    .call(
      "Plugin.FileWillBeUploaded",
      { args: Args, returns: Returns },
      { A: {}, B: { Name: "a.txt" }, UploadedFileStream, ReplacementFileStream },
    )
    .catch((error: Error) => ({ error }));
  return { reply, replacement: await replacement };
}

const file = new Uint8Array(700_001).map((_, i) => i % 253);

describe("FileWillBeUploaded", () => {
  test("lets a file through untouched", async () => {
    const { reply, replacement } = await upload(file, () => undefined);
    expect(reply).toMatchObject({ A: null, B: "" });
    expect(replacement).toEqual(new Uint8Array(0));
  });

  test("reads the file and rejects it", async () => {
    let size = 0;
    const { reply } = await upload(file, async (_context, info, body) => {
      for await (const chunk of body) size += chunk.length;
      return [null, `${info.Name} is too large`];
    });
    expect(size).toBe(file.length);
    expect(reply).toMatchObject({ A: null, B: "a.txt is too large" });
  });

  test("replaces it while it is read", async () => {
    const { reply, replacement } = await upload(file, async (_context, info, body, output) => {
      await body
        .pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform: (chunk, controller) => controller.enqueue(chunk.map((byte) => byte ^ 1)),
          }),
        )
        .pipeTo(output);
      return [{ ...info, Name: "b.txt" }, ""];
    });
    expect(reply).toMatchObject({ A: { Name: "b.txt" }, B: "" });
    expect(replacement).toEqual(file.map((byte) => byte ^ 1));
  });

  test("discards a replacement that fails half way", async () => {
    const { reply, replacement } = await upload(file, async (_context, _info, _body, output) => {
      await output.getWriter().write(new Uint8Array(10));
      throw new Error("scanner down");
    });
    expect(reply).toMatchObject({ error: { message: "scanner down" } });
    expect(replacement).toBeInstanceOf(Error);
  });
});
