// Tests copies of log lines to admins.
import { describe, expect, test } from "bun:test";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import type { Logger } from "../../../runtime/mattermost/index.ts";
import { FixedConfig } from "../../sign-in/testing/sign-in-world.ts";
import { adminLog } from "./admin-log.ts";

const [BOSS, AIDE] = ["b".repeat(26), "a".repeat(26)];

function world(settings: Record<string, unknown>) {
  const clock = new FakeClock();
  const sent: { to: string; text: string }[] = [];
  const lines: string[] = [];
  const at = (message: string) => void lines.push(message);
  const log: Logger = { debug: at, info: at, warn: at, error: at, child: () => log };
  const bot = { direct: async (to: string, { text }: { text: string }) => sent.push({ to, text }) as never };
  const config = new FixedConfig(
    { calendar_enabled: true, calendar_admin_user_ids: `${BOSS}, ${AIDE}\n`, ...settings },
    "https://chat.example.com",
  );
  return { clock, sent, lines, log: adminLog({ bot, clock, config, log }) };
}

describe("log lines for admins", () => {
  test("I6: of the level and above, to everybody who is listed; blanks and line ends are fine", async () => {
    const { clock, lines, log, sent } = world({ calendar_admin_log_level: "warn" });
    for (const level of ["debug", "info", "warn", "error"] as const) log[level](`a ${level}`);
    await clock.pass(61_000);
    expect(sent.map(({ to, text }) => [to, text.replace(/\n/g, " ")])).toEqual([
      [BOSS, "**warn** a warn"],
      [AIDE, "**warn** a warn"],
      [BOSS, "**error** a error"],
      [AIDE, "**error** a error"],
    ]);
    expect(lines).toHaveLength(4);
    log.stop();
  });

  test("a flood is one message a minute, with the number of lines it leaves out", async () => {
    const { clock, log, sent } = world({ calendar_admin_log_level: "debug", calendar_admin_user_ids: BOSS });
    for (let index = 0; index < 500; index += 1) log.info(`line ${index}`);
    await clock.pass(120_000);
    expect(sent.length).toBeLessThanOrEqual(3);
    expect(sent.at(-1)?.text).toContain("more");
    log.stop();
  });

  test("I6: none is none, and so is a calendar that is off", async () => {
    for (const settings of [
      { calendar_admin_log_level: "none" },
      { calendar_admin_log_level: "debug", calendar_enabled: false },
    ]) {
      const { clock, log, sent } = world(settings);
      log.error("a line");
      await clock.pass(61_000);
      expect(sent).toEqual([]);
      log.stop();
    }
  });

  test("the full context only when it is switched on, and never a token, a secret or an address", async () => {
    const fields = {
      user_id: "u".repeat(26),
      token: "eyJhbGciOi.eyJzdWIi.c2ln",
      secret: "x".repeat(60),
      account: "sam@example.com",
      error: new Error("the subject of the meeting"),
    };
    for (const verbose of [false, true]) {
      const { clock, log, sent } = world({
        ...{ calendar_admin_log_level: "warn", calendar_admin_log_verbose: verbose },
        calendar_admin_user_ids: BOSS,
      });
      log.warn("a line", fields);
      await clock.pass(1);
      const [{ text = "" } = {}] = sent;
      expect(text.includes("user_id")).toBe(verbose);
      expect(text).not.toMatch(/eyJ|xxxxxxxx|example\.com|subject/);
      log.stop();
    }
  });
});
