import type { Api, Command } from "../../../../server/runtime/mattermost/index.ts";
import { travelled } from "../../../../server/runtime/mattermost/testing/travelled.ts";
import { Config } from "../../../../server/runtime/mattermost/wire/config.gen.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { badRequest } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { type ServerConfig, sanitized } from "../config.ts";
import { openDialog } from "../interactions.ts";
import type { KvOptions } from "../kv.ts";
import { roleNames, rolesGrant } from "../permissions.ts";
import { push } from "../push.ts";
import type { LogEntry } from "../world.ts";
import { complete } from "../zero.ts";

export type ServerApi = Pick<
  Api,
  | "loadPluginConfiguration"
  | "getConfig"
  | "getUnsanitizedConfig"
  | "saveConfig"
  | "getPluginConfig"
  | "savePluginConfig"
  | "getBundlePath"
  | "getLicense"
  | "isEnterpriseReady"
  | "getServerVersion"
  | "getSystemInstallDate"
  | "getDiagnosticId"
  | "getTelemetryId"
  | "getPluginID"
  | "kvGet"
  | "kvSet"
  | "kvSetWithExpiry"
  | "kvSetWithOptions"
  | "kvCompareAndSet"
  | "kvCompareAndDelete"
  | "kvDelete"
  | "kvDeleteAll"
  | "kvList"
  | "hasPermissionTo"
  | "hasPermissionToTeam"
  | "hasPermissionToChannel"
  | "rolesGrantPermission"
  | "registerCommand"
  | "unregisterCommand"
  | "listCommands"
  | "listPluginCommands"
  | "publishPluginClusterEvent"
  | "publishWebSocketEvent"
  | "publishUserTyping"
  | "logDebug"
  | "logInfo"
  | "logWarn"
  | "logError"
  | "logAuditRec"
  | "logAuditRecWithLevel"
  | "sendMail"
  | "sendPushNotification"
  | "sendToastMessage"
  | "openInteractiveDialog"
>;

export function serverApi(caller: Caller): ServerApi {
  const { world, pluginId, node, manifest, bundlePath } = caller;
  const kv = () => world.kv(pluginId);
  const bytes = (value: Uint8Array | null | undefined) => value ?? new Uint8Array();
  const user = (id: string) => world.users.get(id);
  const log = (level: LogEntry["level"]) => async (message: string, pairs: unknown) => {
    const fields: Record<string, string> = { plugin_id: pluginId };
    const list = pairs as readonly unknown[];
    for (let i = 0; i < list.length; i += 2) fields[String(list[i])] = String(list[i + 1] ?? "");
    world.log(node, level, message, fields);
  };
  let sent = { text: "", config: {} as Config };
  /** Cached, because gob takes 2 ms for a whole configuration, and plugins ask often. */
  const asConfig = (config: ServerConfig): Config => {
    const text = JSON.stringify(config);
    if (sent.text !== text) sent = { text, config: travelled(Config, config as never) };
    return structuredClone(sent.config);
  };
  const saveConfig = (config: ServerConfig) => world.saveConfig(config);

  return {
    /**
     * Merges stored values over the defaults of plugin.json; keys arrive in lower case
     * (PluginAPI.LoadPluginConfiguration).
     */
    async loadPluginConfiguration() {
      const settings: Record<string, unknown> = {};
      for (const setting of manifest.settings) settings[setting.key.toLowerCase()] = setting.default ?? null;
      for (const [key, value] of Object.entries(world.config.PluginSettings.Plugins[pluginId] ?? {}))
        settings[key.toLowerCase()] = structuredClone(value);
      return settings;
    },
    getConfig: async () => asConfig(sanitized(world.config)),
    getUnsanitizedConfig: async () => asConfig(world.config),
    /**
     * Saves the whole configuration. A pointer to a zero value is absent over the wire, so a missing or null value
     * keeps its stored value here; on the server, Config.SetDefaults keeps it from being lost.
     */
    async saveConfig(config) {
      const next = structuredClone(world.config);
      for (const [section, settings] of Object.entries(config ?? {})) {
        if (settings === null || typeof settings !== "object") continue;
        const given = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined);
        next[section] = { ...next[section], ...structuredClone(Object.fromEntries(given)) };
      }
      saveConfig(next);
    },
    getPluginConfig: async () => structuredClone(world.config.PluginSettings.Plugins[pluginId] ?? {}),
    async savePluginConfig(config) {
      const next = structuredClone(world.config);
      next.PluginSettings.Plugins[pluginId] = structuredClone(config) as Record<string, unknown>;
      saveConfig(next);
    },
    getBundlePath: async () => bundlePath,
    getLicense: async () => null,
    isEnterpriseReady: async () => true,
    getServerVersion: async () => world.serverVersion,
    getSystemInstallDate: async () => world.installedAt,
    getDiagnosticId: async () => world.telemetryId,
    getTelemetryId: async () => world.telemetryId,
    getPluginID: async () => pluginId,

    kvGet: async (key) => kv().get(key) ?? new Uint8Array(),
    kvSet: async (key, value) => void kv().set(key, bytes(value)),
    kvSetWithExpiry: async (key, value, ExpireInSeconds) =>
      void kv().set(key, bytes(value), { ExpireInSeconds }),
    kvSetWithOptions: async (key, value, options) => kv().set(key, bytes(value), options as KvOptions),
    kvCompareAndSet: async (key, OldValue, value) => kv().set(key, bytes(value), { Atomic: true, OldValue }),
    kvCompareAndDelete: async (key, OldValue) => kv().deleteIf(key, bytes(OldValue)),
    kvDelete: async (key) => kv().delete(key),
    kvDeleteAll: async () => kv().clear(),
    kvList: async (page, perPage) =>
      kv()
        .keys()
        .slice(page * perPage, (page + 1) * perPage),

    hasPermissionTo: async (userId, permission) =>
      rolesGrant(roleNames(user(userId)?.Roles ?? ""), permission?.Id ?? ""),
    async hasPermissionToTeam(userId, teamId, permission) {
      const member = world.teamMember(teamId, userId);
      const roles = member?.DeleteAt === 0 ? roleNames(member.Roles) : [];
      return rolesGrant([...roles, ...roleNames(user(userId)?.Roles ?? "")], permission?.Id ?? "");
    },
    /** Members by their role; members of the team can also read its open channels. */
    hasPermissionToChannel: async (userId, channelId, permission) =>
      world.mayInChannel(userId, channelId, permission?.Id ?? ""),
    rolesGrantPermission: async (roles, permission) => rolesGrant(roles, permission),

    async registerCommand(command) {
      if (!command?.Trigger)
        throw badRequest("RegisterPluginCommand", "api.command.command_trigger.app_error");
      world.commands.set(command.Trigger, { ...(structuredClone(command) as Command), PluginId: pluginId });
    },
    async unregisterCommand(_teamId, trigger) {
      world.commands.delete(trigger);
    },
    listCommands: async () => structuredClone([...world.commands.values()]),
    listPluginCommands: async () => structuredClone([...world.commands.values()]),

    /** Sends to the other nodes, or to one of them; never back to the sender. */
    async publishPluginClusterEvent(event, options) {
      for (const sink of world.hookSinks) {
        const wanted = options.TargetId ? sink.node === options.TargetId : sink.node !== node;
        if (wanted) world.fireOn(sink.node, "onPluginClusterEvent", structuredClone(event));
      }
    },
    async publishWebSocketEvent(event, payload, broadcast) {
      world.tell({
        event: `custom_${pluginId}_${event}`,
        data: structuredClone(payload ?? {}) as Record<string, unknown>,
        to: {
          ...(broadcast?.UserId && { userId: broadcast.UserId }),
          ...(broadcast?.ChannelId && { channelId: broadcast.ChannelId }),
          ...(broadcast?.TeamId && { teamId: broadcast.TeamId }),
          ...(broadcast?.ConnectionId && { connectionId: broadcast.ConnectionId }),
        },
      });
    },
    async publishUserTyping(userId, channelId) {
      world.tell({ event: "typing", data: { user_id: userId }, to: { channelId } });
    },

    logDebug: log("debug"),
    logInfo: log("info"),
    logWarn: log("warn"),
    logError: log("error"),
    logAuditRec: async (record) =>
      void world.audit.push({ at: world.now(), node, record: structuredClone(record) }),
    logAuditRecWithLevel: async (record) =>
      void world.audit.push({ at: world.now(), node, record: structuredClone(record) }),
    sendMail: async (to, subject, body) => void world.mail.push({ to, subject, body }),
    sendPushNotification: async (notification, userId) =>
      world.track(push(world, node, userId, complete(model.PushNotification, notification))),
    async sendToastMessage(userId, connectionId, message) {
      const to = { userId, ...(connectionId && { connectionId }) };
      world.tell({ event: "show_toast", data: { message }, to });
    },
    async openInteractiveDialog(dialog) {
      openDialog(world, structuredClone(dialog));
    },
  };
}
