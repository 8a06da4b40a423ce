import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Post, User } from "../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

interface Button {
  readonly id: string;
  readonly name: string;
  readonly integration: { readonly context: { readonly token: string } };
}

async function world() {
  const w = new ConnectionsWorld({ microsoft });
  const [ana, there] = [w.user("ana"), microsoft.person("ana")];
  await w.connect(ana, there);
  await w.settle();
  const posts = () =>
    [...w.mattermost.posts.values()].filter((post) =>
      w.mattermost.channels.get(post.ChannelId)?.Name.includes(ana.Id),
    );
  const buttons = (post: Post | undefined) =>
    ((post?.Props.attachments ?? []) as { actions: Button[] }[]).flatMap(({ actions }) => actions);
  const press = (by: User, post: Post, on = post) =>
    w.cards.press(by.Id, {
      user_id: by.Id,
      post_id: on.Id,
      channel_id: on.ChannelId,
      trigger_id: "t",
      context: buttons(post)[0]?.integration.context ?? {},
    });
  const lose = async () => {
    w.pass(2 * 3_600_000);
    microsoft.entra.delegated.revoke(there.objectId);
    await w.connections
      .credential(ana.Id)
      .token(5)
      .catch(() => {});
    await w.settle();
  };
  const post = (at: number) => posts()[at] as Post;
  return { w, ana, there, post, posts, buttons, press, lose };
}

describe("the welcome message", () => {
  test("has a button that disconnects, and afterwards says so without a button", async () => {
    const { w, ana, post, buttons, press } = await world();
    expect(buttons(post(0)).map(({ id, name }) => [id, name])).toEqual([["disconnect", "Disconnect"]]);
    expect(await press(ana, post(0))).toEqual({ ok: true, reply: {} });
    expect((await w.state(ana)).connected).toBe(false);
    expect(post(0).Message).toContain("is disconnected");
    expect(buttons(post(0))).toEqual([]);
    expect(w.events.at(-1)).toMatchObject({ event: "disconnected", by: ana.Id });
  });

  test("does nothing when pressed by somebody else", async () => {
    const { w, ana, post, press } = await world();
    expect(await press(w.user("ben"), post(0))).toEqual({ ok: false, problem: "card_foreign" });
    expect((await w.state(ana)).connected).toBe(true);
  });
});

describe("the message about a loss", () => {
  test("has a button that answers with the link, only to the person", async () => {
    const { ana, post, buttons, press, lose } = await world();
    await lose();
    expect(buttons(post(1)).map(({ id }) => id)).toEqual(["connect"]);
    const outcome = await press(ana, post(1));
    expect(outcome).toMatchObject({ ok: true });
    expect(JSON.stringify(outcome)).toContain("/oauth2/connect?return=dm)");
  });

  test("says when the account is connected again; no other message changes", async () => {
    const { w, ana, there, posts, post, buttons, lose } = await world();
    const welcome = post(0).Message;
    await lose();
    await w.connect(ana, there);
    await w.settle();
    expect(posts().map(({ Message }) => Message)).toEqual([
      welcome,
      "Your Microsoft 365 account ana@example.com is connected.",
      welcome,
    ]);
    expect(buttons(post(1))).toEqual([]);
  });

  test("an old button answers with the current state", async () => {
    const { w, ana, there, post, press, lose } = await world();
    await lose();
    const before = structuredClone(post(1));
    await w.connect(ana, there);
    await w.settle();
    // The card is gone from the post, so its buttons are no longer accepted.
    expect(await press(ana, before, post(1))).toEqual({ ok: false, problem: "card_changed" });
  });
});
