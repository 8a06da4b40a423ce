import { expect, test } from "bun:test";
import { makeKeyValueStore } from "../../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../../runtime/mattermost/testing/kv.ts";
import { moveOldOutbox } from "./old-outbox.ts";
import { Outbox } from "./outbox.ts";

const old = { v: 1, post: "p", channel: "c", at: 5, covered: "m", sent: ["n"], held: ["h"] };

test("waiting posts of data version 1 go on with their progress; other keys and unreadable records are skipped", async () => {
  const api = new MemoryKv();
  const kv = makeKeyValueStore(api);
  await kv.set("outbox_000000005_p", JSON.stringify(old));
  await kv.set("outbox_000000006_q_1f", JSON.stringify({ ...old, v: 2, post: "q", heard: ["x"] }));
  await kv.set("outbox_rubbish", "{");
  await kv.set("link.tenant.person", "kept");
  await moveOldOutbox(kv);
  await moveOldOutbox(kv);
  const entries = await new Outbox(kv, () => 7_200_000).all();
  expect(
    entries.map(({ key, postId, covered, sent, held, pushedTo }) => [
      key,
      postId,
      covered,
      [...sent],
      [...held],
      pushedTo && [...pushedTo],
    ]),
  ).toEqual([
    ["000000005_p", "p", "m", ["n"], ["h"], null],
    ["000000006_q_1f", "q", "m", ["n"], ["h"], ["x"]],
  ]);
  expect([...api.values.keys()].filter((key) => !key.startsWith("queue_"))).toEqual(["link.tenant.person"]);
});
