/**
 * Modules that go into the executable as source, without bytecode: tables of texts, and code that does little at the
 * start. Bytecode is about three times the source after gzip, and the bundle has a limit (build/dist.ts). Without
 * bytecode, a start takes 0.04 ms of processor time more per KB.
 */

export { Hono } from "hono";
// Not `z`: exporting it keeps the whole library, with 370 KB of languages.
export { object } from "zod";
export { declaredRoutes } from "../server/admin/declared-routes.ts";
export { statusWords } from "../server/admin/status-words.ts";
export { notificationsCommand } from "../server/features/activity/members/command.ts";
export { notificationWords } from "../server/features/activity/members/command-words.ts";
export { fileWords } from "../server/features/activity/wording/file-words.ts";
export { calendarTables } from "../server/features/calendar/admin/checks.ts";
export { commandHelp } from "../server/features/calendar/command/help-words.ts";
export { eventsKeys } from "../server/features/calendar/events/events-keys.ts";
export { eventWords } from "../server/features/calendar/events/events-words.ts";
export { dayKeys } from "../server/features/calendar/stored-keys.ts";
export { channelTables } from "../server/features/channels/check-words.ts";
export { channelCommandWords } from "../server/features/channels/command-words.ts";
export { channelsRoutes } from "../server/features/channels/declared-routes.ts";
export { channelErrors } from "../server/features/channels/errors.ts";
export { commandWords as chatsCommandWords } from "../server/features/chats/members/command-words.ts";
export { ruleOf } from "../server/features/sign-in/policy-change.ts";
export { createProvisioner } from "../server/features/sign-in/provision.ts";
export { clouds } from "../server/microsoft/clouds/clouds.ts";
export { problems as changesProblems } from "../server/microsoft/subscriptions/problems.ts";
export { storedKeys as changesKeys } from "../server/microsoft/subscriptions/stored-keys.ts";
export { changesTables } from "../server/microsoft/subscriptions/words.ts";
export { windowsZones } from "../server/microsoft/time-zones/windows-zones.gen.ts";
export { botWords } from "../server/people/connections/bot-account/bot-words.ts";
export { connectionTables } from "../server/people/connections/check-words.ts";
export { connectionWords } from "../server/people/connections/connection-words.ts";
export { outcomeWords } from "../server/people/connections/flow/outcome-words.ts";
export { createConnections } from "../server/people/connections/index.ts";
export { inviteWords } from "../server/people/connections/invitations/invite-words.ts";
export { unlinkWords } from "../server/people/unlink-words.ts";
export { interactionWords } from "../server/platform/bot/interaction-words.ts";
export { commandWords } from "../server/platform/commands/words.ts";
export { checkTables } from "../server/platform/i18n/checks.ts";
export { permissionTables } from "../server/platform/i18n/permissions.ts";
export { problemTables } from "../server/platform/i18n/problems.ts";
export { errors } from "../server/platform/shared-errors.ts";
