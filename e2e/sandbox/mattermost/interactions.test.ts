/** Tests that buttons, dialogs and reactions of the stand-in are passed on or refused as by the real server. */

import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/runtime/mattermost/index.ts";
import { pluginApi } from "./plugin-api.ts";
import type { PluginBundle } from "./plugin-bundle.ts";
import { restRoutes } from "./rest.ts";
import { login } from "./sessions.ts";
import { type ClientEvent, World } from "./world.ts";

const PLUGIN = "x";

function server() {
  let now = 1_000_000;
  const world = new World({ now: () => now });
  const api = pluginApi(world, { pluginId: PLUGIN });
  const ana = world.addUser({ Username: "ana" });
  const ben = world.addUser({ Username: "ben" });
  const bot = world.addUser({ Username: "bot" });
  const direct = world.directChannel(ana.Id, bot.Id);
  const events: ClientEvent[] = [];
  world.watch((event) => events.push(event));
  const asked: { path: string; body: Record<string, unknown>; userId: string }[] = [];
  const answers = { body: "{}" };
  const routes = restRoutes({
    world,
    bundle: {} as PluginBundle,
    node: () => "node-1",
    setPluginEnabled: async () => {},
    toPlugin: async (path, body, sessionId) => {
      const userId = world.sessions.get(sessionId)?.UserId ?? "";
      asked.push({ path, body: body as Record<string, unknown>, userId });
      return new Response(answers.body);
    },
  });
  const as = (user: typeof ana) => {
    const { session } = login(world, user, new Request("http://x"));
    return async (path: string, body?: unknown, method = "POST") => {
      const response = await routes.request(path, {
        method,
        headers: { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
  };
  const post = world.putPost({
    UserId: bot.Id,
    ChannelId: direct.Id,
    Message: "",
    Props: {
      attachments: [
        {
          text: "Come?",
          actions: [
            { id: "yes", name: "Yes", integration: { url: "/plugins/x/cards", context: { token: "t" } } },
            { id: "when", name: "When", type: "select", integration: { url: "/plugins/x/cards" } },
            { id: "dead", name: "Without an address" },
          ],
        },
      ],
    },
  });
  return {
    ...{ world, api, ana, ben, bot, direct, events, asked, answers, as, post },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("a button", () => {
  test("reaches the plugin with its context, with the session's user", async () => {
    const { ana, as, asked, post } = server();
    const answer = await as(ana)(`/posts/${post.Id}/actions/yes`, {});
    expect(answer.status).toBe(200);
    expect(asked).toMatchObject([
      {
        path: "/plugins/x/cards",
        userId: ana.Id,
        body: { user_id: ana.Id, post_id: post.Id, context: { token: "t" }, trigger_id: expect.any(String) },
      },
    ]);
  });

  test("of a menu sends the chosen option", async () => {
    const { ana, as, asked, post } = server();
    await as(ana)(`/posts/${post.Id}/actions/when`, { selected_option: "noon" });
    expect(asked[0]?.body.context).toEqual({ selected_option: "noon" });
  });

  test("never reveals its address and context to clients", async () => {
    const { ana, as, post } = server();
    const { body } = await as(ana)(`/posts/${post.Id}`, undefined, "GET");
    expect(JSON.stringify(body)).toContain('"id":"yes"');
    expect(JSON.stringify(body)).not.toContain("integration");
  });

  test("shows the plugin's text only to the person who pressed it", async () => {
    const { ana, answers, as, events, post } = server();
    answers.body = JSON.stringify({ ephemeral_text: "Done." });
    await as(ana)(`/posts/${post.Id}/actions/yes`, {});
    expect(events.at(-1)).toMatchObject({
      event: "ephemeral_message",
      to: { userId: ana.Id },
      data: { post: { Message: "Done." } },
    });
  });

  for (const [name, action] of [
    ["that does not exist", "no"],
    ["without an address", "dead"],
  ])
    test(`is refused: ${name}`, async () => {
      const { ana, as, asked, post } = server();
      expect((await as(ana)(`/posts/${post.Id}/actions/${action}`, {})).status).toBe(404);
      expect(asked).toEqual([]);
    });

  test("is refused to a person who cannot read the post, and after the post is deleted", async () => {
    const { ana, api, as, asked, ben, post } = server();
    expect((await as(ben)(`/posts/${post.Id}/actions/yes`, {})).status).toBe(403);
    await api.deletePost(post.Id);
    expect((await as(ana)(`/posts/${post.Id}/actions/yes`, {})).status).toBe(403);
    expect(asked).toEqual([]);
  });
});

describe("a dialog", () => {
  const form = { CallbackId: "form", Title: "Form", State: "s" };
  const opened = async (s: ReturnType<typeof server>, wait = 0, trigger?: string) => {
    const { body } = await s.as(s.ana)(`/posts/${s.post.Id}/actions/yes`, {});
    s.pass(wait);
    const TriggerId = trigger ?? String(body.trigger_id);
    return s.api.openInteractiveDialog({ TriggerId, URL: "/plugins/x/dialogs", Dialog: form });
  };

  test("opens in the browsers of the person whose press it answers", async () => {
    const s = server();
    await opened(s);
    const event = s.events.find(({ event }) => event === "open_dialog");
    expect(event?.to).toEqual({ userId: s.ana.Id });
    expect(JSON.parse(String(event?.data.dialog))).toMatchObject({
      url: "/plugins/x/dialogs",
      dialog: { callback_id: "form", title: "Form", state: "s" },
    });
  });

  test("is refused after three seconds, and for a trigger that the server did not issue", async () => {
    expect(opened(server(), 3_001)).rejects.toBeInstanceOf(AppError);
    expect(opened(server(), 0, "made up")).rejects.toBeInstanceOf(AppError);
    await opened(server(), 3_000);
  });

  test("its submission names the session's user, and returns the plugin's errors", async () => {
    const { ana, answers, as, asked, ben, direct } = server();
    answers.body = JSON.stringify({ errors: { subject: "Too long" } });
    const submitted = { url: "/plugins/x/dialogs", state: "s", channel_id: direct.Id, user_id: ben.Id };
    expect((await as(ana)("/actions/dialogs/submit", submitted)).body).toEqual({
      errors: { subject: "Too long" },
    });
    expect(asked[0]?.body).toMatchObject({ user_id: ana.Id, type: "dialog_submission", state: "s" });
    expect((await as(ben)("/actions/dialogs/submit", submitted)).status).toBe(403);
  });

  test("a command gets a trigger, too, and the thread in which it was typed", async () => {
    const { ana, api, as, direct, world } = server();
    await api.registerCommand({ Trigger: "do" });
    const calls: Record<string, unknown>[] = [];
    world.hookSinks.add({
      node: "node-1",
      has: () => true,
      call: async (_hook, _context, args) => {
        calls.push(args as Record<string, unknown>);
        return { Text: "" };
      },
    });
    await as(ana)("/commands/execute", { command: "/do", channel_id: direct.Id, root_id: "root" });
    expect(calls[0]?.RootId).toBe("root");
    await api.openInteractiveDialog({ TriggerId: String(calls[0]?.TriggerId), URL: "/", Dialog: form });
  });
});

describe("a reaction", () => {
  test("is added once and removed, with a hook for each", async () => {
    const { ana, as, events, post, world } = server();
    const calls: string[] = [];
    world.hookSinks.add({
      node: "node-1",
      has: () => true,
      call: async (hook) => void calls.push(hook),
    });
    const request = as(ana);
    const reaction = { user_id: ana.Id, post_id: post.Id, emoji_name: "tada" };
    await request("/reactions", reaction);
    await request("/reactions", reaction);
    const shown = async () => (await request(`/posts/${post.Id}`, undefined, "GET")).body.metadata;
    expect(await shown()).toMatchObject({ reactions: [{ user_id: ana.Id, emoji_name: "tada" }] });
    expect(world.posts.get(post.Id)?.HasReactions).toBe(true);
    await request(`/users/${ana.Id}/posts/${post.Id}/reactions/tada`, undefined, "DELETE");
    expect(await shown()).toMatchObject({ reactions: [] });
    expect(calls).toEqual(["reactionHasBeenAdded", "reactionHasBeenAdded", "reactionHasBeenRemoved"]);
    expect(events.map(({ event }) => event)).toContain("reaction_removed");
  });

  test("is refused in another person's name, and where the person cannot read", async () => {
    const { ana, as, ben, post, world } = server();
    const of = (user: typeof ana) => ({ user_id: user.Id, post_id: post.Id, emoji_name: "tada" });
    expect((await as(ben)("/reactions", of(ana))).status).toBe(403);
    expect((await as(ben)("/reactions", of(ben))).status).toBe(403);
    expect(world.reactions.get(post.Id)).toBeUndefined();
  });
});
