import { ChatsHost } from "./chats-host.ts";
const w = await ChatsHost.start({ bundle: "/work/wt/chats/dist/mission-collaboration" }, { people: 4 });
const ben = w.stranger("Ben");
const rooms = w.members.map(({person})=>w.graph.chats.direct(ben.objectId, person.objectId));
const sending: Promise<unknown>[]=[]; const t0=performance.now();
for (let at=0;at<50;at++) for (const r of rooms) sending.push(w.graph.chats.write(r, ben.objectId, `<p>m${at}</p>`));
const all = async()=> (await Promise.all(w.members.map(m=>w.posts(m)))).map(p=>p.length);
while(!(await all()).some(c=>c>5)) await Bun.sleep(20);
console.log("first", performance.now()-t0);
await w.host.do("kill",{signal:9});
while((await w.host.state()).pid!==0) await Bun.sleep(10);
console.log(await w.host.do("check"));
const t1=performance.now();
for(let i=0;i<8;i++){ await Bun.sleep(3000); console.log(Math.round((performance.now()-t1)/1000), await all()); if((await all()).every(c=>c>=50)) break; }
for (const m of w.members){ const ps=await w.posts(m); const ns=ps.map(p=>Number(/m(\d+)$/.exec(p.Message)?.[1])); const missing=[...Array(50).keys()].filter(n=>!ns.includes(n)); const dup=ns.filter((n,i)=>ns.indexOf(n)!==i); console.log("missing",missing,"dup",dup); }
const r = await fetch(w.host.url.replace(/\/plugins\/.*/, "")+"/plugins/mission-collaboration/metrics").catch(e=>String(e)); 
console.log(typeof r==="string"?r:(await r.text()).split("\n").filter(l=>/chat_|change_event|lifecycle/.test(l)&&!l.startsWith("#")).join("\n"));
console.log(w.graph.requests.slice(-8).map(r=>[r.method,r.path.slice(0,90),r.status]));
console.log(w.host.events.filter(e=>e.event==="log").slice(-12));
await w.stop(); process.exit(0);
