import { packBundle } from "./dist.ts";
const packed = await packBundle(process.argv[2] ?? "");
console.log(packed.byteLength, 52_428_800 - packed.byteLength);
