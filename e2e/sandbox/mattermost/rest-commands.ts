/** Slash commands over REST: the plugin answers them. */

import { appError, notFound } from "./app-error.ts";
import { newTrigger } from "./interactions.ts";
import { publish } from "./publish.ts";
import type { App, RestContext, RestPorts } from "./rest-context.ts";
import { toJson } from "./rest-json.ts";
import { hookContext } from "./world.ts";
import { ephemeralPost } from "./zero.ts";

export function commandRoutes(app: App, { world, node }: RestPorts, context: RestContext): void {
  const { body } = context;
  app.post("/commands/execute", async (c) => {
    const { command, channel_id, root_id, team_id } = await body(c);
    const trigger = /^\/(\S+)/.exec(String(command))?.[1] ?? "";
    if (!world.commands.has(trigger))
      throw notFound("executeCommand", "api.command.execute_command.not_found.app_error");
    // Called once, because each call may answer the next node.
    const asked = node();
    const sink = [...world.hookSinks].find((each) => each.node === asked);
    if (!sink?.has("executeCommand"))
      throw appError("ExecutePluginCommand", "model.plugin_command.error.app_error", 500);
    const args = {
      UserId: c.get("user").Id,
      ChannelId: String(channel_id ?? ""),
      TeamId: String(team_id ?? ""),
      RootId: String(root_id ?? ""),
      TriggerId: newTrigger(world, c.get("user").Id),
      Command: String(command),
      SiteURL: String(world.config.ServiceSettings.SiteURL),
    };
    const context = hookContext({ SessionId: c.get("sessionId") });
    const answer = (await sink.call("executeCommand", context, args)) as {
      Text?: string;
      ResponseType?: string;
    } | null;
    if (answer?.Text) {
      const channel = world.channels.get(args.ChannelId);
      if (answer.ResponseType === "in_channel" && channel) {
        await publish(
          world,
          { UserId: args.UserId, ChannelId: channel.Id, Message: answer.Text },
          { node: node() },
        );
      } else {
        const post = ephemeralPost(
          { UserId: args.UserId, ChannelId: args.ChannelId, Message: answer.Text },
          world.now(),
        );
        world.tell({ event: "ephemeral_message", data: { post }, to: { userId: args.UserId } });
      }
    }
    return c.json(answer ? toJson(answer) : {});
  });
}
