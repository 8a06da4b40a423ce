/** Reads from an ELF file the names of the shared libraries that it needs (System V ABI, "Dynamic Section"). */

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

/** DT_NEEDED entries of a 64-bit little-endian file; empty if it is linked statically. */
export function neededLibraries(file: Uint8Array): string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const [headers, headerSize, count] = [u64(32), view.getUint16(54, true), view.getUint16(56, true)];
  const segments = Array.from({ length: count }, (_, index) => headers + index * headerSize).map((at) => ({
    type: view.getUint32(at, true),
    offset: u64(at + 8),
    address: u64(at + 16),
    size: u64(at + 32),
  }));
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (!dynamic) return [];
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    entries.push({ tag: u64(at), value: u64(at + 8) });
  }
  const table = entries.find((entry) => entry.tag === DT_STRTAB)?.value ?? 0;
  const home = segments.find((s) => s.type === PT_LOAD && s.address <= table && table < s.address + s.size);
  if (!home) return [];
  const strings = table - home.address + home.offset;
  return entries
    .filter((entry) => entry.tag === DT_NEEDED)
    .map((entry) => {
      const start = strings + entry.value;
      return new TextDecoder().decode(file.subarray(start, file.indexOf(0, start)));
    });
}
