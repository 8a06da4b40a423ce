/**
 * Writes the ZIP. The same files give the same bytes, so that two admins, two nodes and a test can compare packages.
 */

/** The earliest date that a ZIP supports; the real one would make every package different. */
const DATE = new Date(Date.UTC(1980, 0, 1));

export async function zip(
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  // Loaded on first use: it would cost every start of the plugin more than everything else together.
  const { ZipArchive } = await import("archiver");
  const archive = new ZipArchive({ zlib: { level: 9 } });
  const chunks: Uint8Array[] = [];
  const done = new Promise<void>((resolve, reject) => {
    archive.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    archive.on("end", resolve);
    archive.on("warning", reject);
    archive.on("error", reject);
  });
  for (const name of Object.keys(files)) {
    const content = files[name] ?? "";
    archive.append(Buffer.from(content as string), { name, date: DATE, mode: 0o644 });
  }
  await Promise.all([archive.finalize(), done]);
  return new Uint8Array(Buffer.concat(chunks));
}
