import { mutations } from "./build/identity-mutations.ts";
for (const m of mutations) { const s=await Bun.file(m.file).text(); const n=s.split(m.find).length-1; if(n!==1) console.log(n, m.file, JSON.stringify(m.find)); }
console.log(mutations.length);
