/** Counts the posts of notifications that are repeated, forged, or of a member without a valid token. */

import type { HostMember } from "../../e2e/host/feature-host.ts";
import { row } from "./row.ts";
import type { ChatsStage } from "./stage.ts";

export async function threeTimes(stage: ChatsStage): Promise<void> {
  stage.world.graph.subscriptions.times = 3;
  const member = stage.pick(0);
  const [id = ""] = await stage.write([[stage.direct(member), stage.ben]]);
  stage.world.graph.subscriptions.times = 1;
  await Bun.sleep(1_000);
  const posts = (await stage.world.posts(member)).filter(({ Props }) => Props.teams_message_id === id);
  row("the same notification three times: posts", String(posts.length), "3", "1");
}

export async function badAmongGood(stage: ChatsStage): Promise<void> {
  const member = stage.pick(1);
  const before = (await stage.world.posts(member)).length;
  const messages = Array.from({ length: 11 }, () =>
    stage.chats.put(stage.direct(member), stage.ben.objectId, {
      body: { contentType: "html", content: "hi" },
    }),
  );
  await stage.world.graph.subscriptions.notify(...messages.map((one) => stage.chats.change(one, "created")));
  const last = stage.world.graph.subscriptions.deliveries.at(-1);
  const body = JSON.parse(last?.body ?? "{}") as { value: Record<string, unknown>[] };
  if (body.value[3]) body.value[3].clientState = "forged";
  await Bun.sleep(1_500);
  const status = (
    await stage.world.host.fetch("/api/v1/graph/changes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    })
  ).status;
  await Bun.sleep(1_000);
  const posts = (await stage.world.posts(member)).length - before;
  row("1 bad among 10 good, sent again: answer, posts", `${status}, ${posts}`, "400, 20", "202, 11");
}

export async function refused(stage: ChatsStage): Promise<void> {
  const member = stage.members.at(-1) as HostMember;
  const before = (await stage.world.posts(member)).length;
  stage.world.entra.delegated.revoke(member.person.objectId);
  await stage.write(Array.from({ length: 5 }, () => [stage.direct(member), stage.ben] as const));
  await Bun.sleep(1_500);
  row("token refused: delivered of 5", String((await stage.world.posts(member)).length - before), "0", "5");
}
