/**
 * `npm run bench -- calendar-events [--changes 2000]`
 *
 * Measures invitations in the built executable (npm run build first): the time from Graph's notification to the card,
 * and from a press on a card to its answer; a burst of changes; and a burst in which the only node is killed after
 * 900 were accepted. Graph and Mattermost are the stand-ins of the sandbox and answer at once.
 *
 * The earlier Go plugin under the same load: 15 / 130 ms with two calls of Graph, 19 / 74 ms for an answer; of 2,000
 * notifications 951 were lost, and 892 of those accepted before it was killed.
 */

import { existsSync } from "node:fs";
import { parseOptions } from "../build/options.ts";
import { bundleFolder } from "../e2e/built-bundle.ts";
import { HOUR, listening, startCalendar } from "../e2e/nodes/calendar-stage.ts";
import { until } from "../e2e/until.ts";

const { values } = parseOptions({
  options: { changes: { type: "string", default: "2000" } },
  strict: false,
});
const changes = Number(values.changes);
if (!existsSync(bundleFolder)) {
  console.log("Not run: the bundle is not built (npm run build).");
  process.exit(0);
}

const SINGLES = 200;
const MEMBERS = 20;
const world = await startCalendar();
const { graph, mattermost, siteUrl } = world.sandbox;
const people: Awaited<ReturnType<typeof listening>>[] = [];
for (let one = 0; one < MEMBERS; one += 1) people.push(await listening(world, `p${one}`));
const ana = people[0] as (typeof people)[number];
let serial = 0;

function invite(to: (typeof people)[number]) {
  serial += 1;
  const from = Date.now() + (24 + serial) * HOUR;
  const event = graph.calendars.add(to.person.objectId, from, from + HOUR, {
    subject: `Event ${serial}`,
    responseStatus: { response: "notResponded" },
    createdDateTime: new Date().toISOString(),
  });
  return {
    id: event.id,
    change: {
      resource: `Users/${to.person.objectId}/Events/${event.id}`,
      changeType: "created" as const,
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    },
  };
}

const { posts } = world.sandbox.world;
const count = () => {
  let cards = 0;
  for (const { Props } of posts.values()) if (Props.calendar_event_id !== undefined) cards += 1;
  return cards;
};
const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
function print(name: string, times: readonly number[], more = ""): void {
  const sorted = [...times].sort((a, b) => a - b);
  console.log(
    `${name.padEnd(40)} p50 ${at(sorted, 0.5).toFixed(1)} ms, p99 ${at(sorted, 0.99).toFixed(1)} ms${more}`,
  );
}

/** Polls without a pause, because the stand-in stores the card in this process. */
async function cardOf(id: string): Promise<void> {
  while (!ana.cards().some(({ Props }) => Props.calendar_event_id === id))
    await new Promise((resolve) => setImmediate(resolve));
}

const single: number[] = [];
graph.requests.length = 0;
for (let round = 0; round < SINGLES; round += 1) {
  const { change, id } = invite(ana);
  const started = performance.now();
  await graph.subscriptions.notify(change);
  await cardOf(id);
  single.push(performance.now() - started);
}
const reads = graph.requests.filter(({ path }) => path.includes("/events/")).length;
print("notification → card", single, `, ${(reads / SINGLES).toFixed(2)} calls of Graph`);

const pressed: number[] = [];
for (const card of ana.cards().slice(0, SINGLES)) {
  const started = performance.now();
  const answer = await ana.ask(`/api/v4/posts/${card.Id}/actions/accept`, "POST", {}, siteUrl);
  if (answer.status !== 200) throw new Error(`${answer.status}`);
  pressed.push(performance.now() - started);
}
print("answer on a card", pressed);

async function burst(name: string, killAfter: number | null): Promise<void> {
  const before = count();
  const all = Array.from({ length: changes }, (_, index) => invite(people[index % MEMBERS] ?? ana));
  const accepted = () =>
    graph.subscriptions.deliveries.slice(sent).filter(({ statuses }) => statuses.includes(202)).length * 10;
  const sent = graph.subscriptions.deliveries.length;
  const started = performance.now();
  const delivered = Promise.all(
    Array.from({ length: 16 }, async (_, lane) => {
      for (let first = lane * 10; first < all.length; first += 160)
        await graph.subscriptions.notify(...all.slice(first, first + 10).map(({ change }) => change));
    }),
  );
  if (killAfter !== null) {
    await until(() => accepted() >= killAfter, "the changes before the kill are accepted", 240);
    mattermost.crash("node-1");
  }
  await delivered;
  while (count() - before < changes) {
    if (performance.now() - started > 600_000) break;
    await Bun.sleep(100);
  }
  const took = (performance.now() - started) / 1_000;
  await Bun.sleep(2_000);
  console.log(
    `${name.padEnd(40)} ${count() - before} cards of ${changes} in ${took.toFixed(1)} s, ${changes - (count() - before)} lost`,
  );
}

await burst(`burst of ${changes}`, null);
const killAfter = Math.round(changes * 0.45);
await burst(`burst of ${changes}, killed after ${killAfter}`, killAfter);
world.close();
process.exit(0);
