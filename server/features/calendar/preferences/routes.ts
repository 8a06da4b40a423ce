/**
 * REST routes for a member's calendar settings, used by the web app. The bot's panel and the commands change the same
 * record.
 *
 *   GET /api/v1/calendar/settings            {status, confirm, …}; 409 not_connected
 *   PUT /api/v1/calendar/settings {a part}   the whole; 400 {code, errors: {name: "unknown" | "invalid"}}
 */

import { ProductError } from "../../../platform/errors.ts";
import { readJson } from "../../../platform/http/index.ts";
import type { CalendarCore } from "../core.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../rules/settings.ts";
import { changedSettings, shownSettings } from "../rules/settings-change.ts";

export async function readSettings(core: CalendarCore, userId: string): Promise<Partial<CalendarSettings>> {
  await mustBeConnected(core, userId);
  return shownSettings((await core.members.get(userId))?.settings ?? settingsAfterConnecting);
}

export async function writeSettings(
  core: CalendarCore,
  userId: string,
  request: Request,
  requestId: string,
): Promise<Response> {
  await mustBeConnected(core, userId);
  const json = await readJson(request);
  let errors: Readonly<Record<string, string>> | null = null;
  const { settings } = await core.members.update(userId, (member) => {
    const verdict = changedSettings(member.settings, json);
    errors = verdict.ok ? null : verdict.errors;
    return verdict.ok ? { ...member, settings: verdict.settings } : member;
  });
  if (errors === null) return Response.json(shownSettings(settings));
  return Response.json(
    {
      code: "request_invalid",
      message: "Some settings are unknown or have a wrong value.",
      requestId,
      errors,
    },
    { status: 400 },
  );
}

async function mustBeConnected(core: CalendarCore, userId: string): Promise<void> {
  if (!(await core.services.connections.isConnected(userId))) throw new ProductError("not_connected");
}
