/**
 * Copies the calendar's log lines to admins, as messages of the bot: *Copy plugin logs to admins, as bot messages*.
 *
 * The first line is sent at once; lines that follow within a minute are combined in a digest. Log lines contain
 * nothing of an event, no token and no address; the full context is still redacted once more.
 */

import type { ConfigSource } from "../../../microsoft/config/index.ts";
import type { Bot } from "../../../platform/bot/bot.ts";
import { calendarSettings } from "../../../platform/settings/sections/calendar.ts";
import type { Clock } from "../../../platform/work/clock.ts";
import type { Logger } from "../../../runtime/mattermost/index.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];

export interface AdminLogPorts {
  readonly log: Logger;
  readonly bot: Pick<Bot, "direct">;
  readonly config: ConfigSource;
  readonly clock: Clock;
}

const DIGEST_MS = 60_000;
/** Lines in one digest; of further ones only the number is stated. */
const MOST_LINES = 50;
const LONGEST_CONTEXT = 500;

export interface AdminLog extends Logger {
  stop(): void;
}

export function adminLog({ bot, clock, config, log }: AdminLogPorts): AdminLog {
  let waiting: string[] = [];
  let missed = 0;
  let resting = false;
  const stopping = new AbortController();

  async function send(text: string): Promise<void> {
    for (const userId of config.current.section(calendarSettings).calendar_admin_user_ids)
      await bot.direct(userId, { text }).catch(() => {});
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0 && !stopping.signal.aborted) {
      const more = missed > 0 ? [`… ${missed} more`] : [];
      const text = [...waiting, ...more].join("\n");
      waiting = [];
      missed = 0;
      await send(text);
      await clock.sleep(DIGEST_MS, stopping.signal);
    }
  }

  function copy(level: Level, message: string, fields: Record<string, unknown>): void {
    const {
      calendar_admin_log_level: wanted,
      calendar_admin_log_verbose: verbose,
      calendar_enabled: isOn,
    } = config.current.section(calendarSettings);
    if (!isOn || wanted === "none" || levels.indexOf(level) < levels.indexOf(wanted)) return;
    const context = verbose && Object.keys(fields).length > 0 ? `\n\`${contextOf(fields)}\`` : "";
    if (waiting.length < MOST_LINES) waiting.push(`**${level}** ${message}${context}`);
    else missed += 1;
    if (resting) return;
    resting = true;
    void flush().finally(() => {
      resting = false;
    });
  }

  const logger = (carried: Record<string, unknown>, to: Logger): Logger => {
    const at =
      (level: Level) =>
      (message: string, fields: Record<string, unknown> = {}): void => {
        to[level](message, fields);
        copy(level, message, { ...carried, ...fields });
      };
    return {
      ...{ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
      child: (fields) => logger({ ...carried, ...fields }, to.child(fields)),
    };
  };
  return { ...logger({}, log), stop: () => stopping.abort() };
}

/** Removes whatever looks like a token, a secret or an address from the fields. */
function contextOf(fields: Record<string, unknown>): string {
  const text = JSON.stringify(fields, (_, value) => (value instanceof Error ? value.name : value)) ?? "";
  return text
    .replace(/eyJ[\w-]+(\.[\w-]*){1,4}/g, "[token]")
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "[address]")
    .replace(/\b[A-Za-z0-9_~-]{40,}\b/g, "[secret]")
    .replaceAll("`", "'")
    .slice(0, LONGEST_CONTEXT);
}
