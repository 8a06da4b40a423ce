/**
 * Buttons, menus, dialogs and reactions, as the server handles them (api4/integration_action.go, api4/reaction.go).
 * The client names a post and an action; the action's address and context never leave the server.
 */

import type { Hono } from "hono";
import type { Post, User } from "../../../server/runtime/mattermost/index.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import type { Input } from "../../../server/runtime/mattermost/wire/shapes.ts";
import { appError, badRequest, notFound } from "./app-error.ts";
import { newId } from "./ids.ts";
import type { World } from "./world.ts";
import { complete, ephemeralPost } from "./zero.ts";

/** Older trigger IDs open no dialog (model.InteractiveDialogTriggerTimeout). */
const TRIGGER_MS = 3_000;

export interface InteractionPorts {
  readonly world: World;
  node(): string;
  /** A POST from the server itself to the plugin, with the session's user. */
  toPlugin(path: string, body: object, sessionId: string): Promise<Response>;
}

interface Action {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly integration?: { readonly url?: string; readonly context?: Record<string, unknown> };
}

type Vars = { Variables: { user: User; sessionId: string } };

export function interactionRoutes(app: Hono<Vars>, { world, node, toPlugin }: InteractionPorts): void {
  // As in Mattermost 11.9. Older servers accept only letters and digits here, so a button `mute_hour` does nothing
  // there.
  app.post("/posts/:post/actions/:action{[A-Za-z0-9_-]+}", async (c) => {
    const user = c.get("user");
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.DeleteAt > 0 || !world.mayInChannel(user.Id, post.ChannelId, "read_channel_content"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const action = actionsOf(post).find(({ id }) => id === c.req.param("action"));
    if (!action?.integration?.url) throw notFound("DoPostAction", "api.post.do_action.action_id.app_error");
    const { selected_option } = (await c.req.json().catch(() => ({}))) as { selected_option?: string };
    const trigger_id = newTrigger(world, user.Id);
    const channel = world.channels.get(post.ChannelId);
    const team = world.teams.get(channel?.TeamId ?? "");
    const answer = await toPlugin(
      action.integration.url,
      {
        user_id: user.Id,
        user_name: user.Username,
        channel_id: post.ChannelId,
        channel_name: channel?.Name ?? "",
        team_id: team?.Id ?? "",
        team_domain: team?.Name ?? "",
        post_id: post.Id,
        trigger_id,
        type: action.type ?? "button",
        data_source: "",
        context: {
          ...action.integration.context,
          ...(action.type === "select" ? { selected_option: selected_option ?? "" } : {}),
        },
      },
      c.get("sessionId"),
    );
    if (!answer.ok) throw badRequest("DoPostAction", "api.post.do_action.action_integration.app_error");
    const { ephemeral_text: text } = (await answer.json()) as { ephemeral_text?: string };
    if (text) {
      const notice = ephemeralPost(
        { UserId: post.UserId, ChannelId: post.ChannelId, RootId: post.RootId || post.Id, Message: text },
        world.now(),
      );
      world.tell({ event: "ephemeral_message", data: { post: notice }, to: { userId: user.Id } });
    }
    return c.json({ status: "OK", trigger_id });
  });

  app.post("/actions/dialogs/submit", async (c) => {
    const user = c.get("user");
    const given = (await c.req.json()) as { url?: string; channel_id?: string };
    if (!world.mayInChannel(user.Id, given.channel_id ?? "", "read_channel_content"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    // The user is that of the session, even if the client names another one.
    const body = { ...given, type: "dialog_submission", user_id: user.Id };
    const answer = await toPlugin(given.url ?? "", body, c.get("sessionId"));
    if (!answer.ok) throw badRequest("SubmitInteractiveDialog", "app.submit_interactive_dialog.json_error");
    const text = await answer.text();
    return c.json(text === "" ? {} : JSON.parse(text));
  });

  app.post("/reactions", async (c) => {
    const user = c.get("user");
    const { user_id, post_id, emoji_name } = (await c.req.json()) as Record<string, string>;
    const post = world.posts.get(post_id ?? "");
    if (user_id !== user.Id || !post || !world.mayInChannel(user.Id, post.ChannelId, "add_reaction"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const reaction = complete(model.Reaction, {
      UserId: user.Id,
      PostId: post.Id,
      EmojiName: emoji_name ?? "",
      ChannelId: post.ChannelId,
      CreateAt: world.now(),
    });
    world.addReaction(reaction);
    world.fireOn(node(), "reactionHasBeenAdded", reaction);
    return c.json({ user_id, post_id, emoji_name }, 201);
  });
  app.delete("/users/:user/posts/:post/reactions/:emoji", (c) => {
    const user = c.get("user");
    const { emoji, post: postId } = c.req.param();
    const reaction = (world.reactions.get(postId) ?? []).find(
      (each) => each.UserId === user.Id && each.EmojiName === emoji,
    );
    if (!reaction) throw notFound("DeleteReaction", "app.reaction.get.app_error");
    world.removeReaction(reaction);
    world.fireOn(node(), "reactionHasBeenRemoved", reaction);
    return c.json({ status: "OK" });
  });
}

/** Issues a trigger that opens at most one dialog, within three seconds, in the browsers of one person. */
export function newTrigger(world: World, userId: string): string {
  const id = Buffer.from(`${newId()}:${userId}:${world.now()}:signature`).toString("base64");
  world.triggers.set(id, { userId, at: world.now() });
  return id;
}

/** App.OpenInteractiveDialog. */
export function openDialog(world: World, request: Input<model.OpenDialogRequest>): void {
  const trigger = world.triggers.get(request.TriggerId ?? "");
  if (!trigger)
    throw badRequest("DecodeAndVerifyTriggerId", "interactive_message.decode_trigger_id.app_error");
  if (world.now() - trigger.at > TRIGGER_MS)
    throw badRequest("DecodeAndVerifyTriggerId", "interactive_message.decode_trigger_id.expired");
  const dialog = {
    trigger_id: request.TriggerId,
    url: request.URL,
    dialog: inSnakeCase(request.Dialog ?? {}),
  };
  // JSON text inside the event, as from the real server.
  const data = { dialog: JSON.stringify(dialog) };
  world.tell({ event: "open_dialog", data, to: { userId: trigger.userId } });
}

function actionsOf(post: Post): readonly Action[] {
  const attachments = post.Props.attachments as
    | readonly { readonly actions?: readonly Action[] }[]
    | undefined;
  return (attachments ?? []).flatMap(({ actions = [] }) => actions);
}

/** A post without addresses and contexts of its actions (Post.StripActionIntegrations). */
export function withoutIntegrations(props: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const attachments = props.attachments as readonly { readonly actions?: readonly Action[] }[] | undefined;
  if (!Array.isArray(attachments)) return { ...props };
  return {
    ...props,
    attachments: attachments.map((attachment) => ({
      ...attachment,
      ...(attachment.actions
        ? { actions: attachment.actions.map(({ integration: _, ...shown }: Action) => shown) }
        : {}),
    })),
  };
}

function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase(),
      inSnakeCase(inner),
    ]),
  );
}
