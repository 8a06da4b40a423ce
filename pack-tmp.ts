import { packBundle } from "/work/wt/webapp/build/dist.ts";
const before = performance.now();
const packed = await packBundle(process.argv[2]!);
console.log(packed.byteLength, 52_428_800 - packed.byteLength, Math.round(performance.now() - before));
