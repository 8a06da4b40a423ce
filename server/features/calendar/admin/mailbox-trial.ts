/**
 * Tries a mailbox for an admin: with the app's permission, and with the person's token. The roles in the app's token
 * are not reliable (docs/facts/microsoft-calendar.md 10). Reads only the id of an event.
 */

import { z } from "zod";
import { type Credential, type GraphClient, GraphError } from "../../../microsoft/graph/index.ts";
import type { Sentence } from "../../../platform/checks.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { Place, TestStep } from "../../../platform/system.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { readNextHour } from "../outlook/next-hour.ts";
import type { CalendarServices } from "../ports.ts";

export interface MailboxTrialPorts {
  readonly graph: Pick<GraphClient, "request">;
  readonly links: CalendarServices["links"];
  readonly connections: Pick<CalendarServices["connections"], "credential" | "isConnected">;
  readonly clock: () => number;
  /** Drops the app's token, which may be older than the permission that an admin has just granted. */
  readonly tokens: { forget(): void };
  /** Lets everything else try again what was refused for this mailbox. */
  readonly forgetRefusals: (userId: string) => Promise<void>;
}

const settings = lazy(() => z.object({ timeZone: z.string().catch("") }));
const LIMIT_MS = 10_000;
const SETUP: Place = { page: "connect", part: "setup" };

export async function tryMailbox(ports: MailboxTrialPorts, userId: string): Promise<TestStep[]> {
  const { connections, links } = ports;
  const objectId = (await links.byMattermostUser([userId])).get(userId)?.objectId;
  if (objectId === undefined)
    return [{ id: "account", ok: false, seen: { code: "no_link" }, cure: "no_link" }];
  const account: TestStep = { id: "account", ok: true, seen: { code: "linked", values: { objectId } } };
  ports.tokens.forget();
  const byApp = await stepOf("app", () => read(ports, `/users/${encodeURIComponent(objectId)}`));
  const byPerson = (await connections.isConnected(userId))
    ? await stepOf("person", () => read(ports, "/me", connections.credential(userId)))
    : notConnected(byApp.ok);
  await ports.forgetRefusals(userId);
  const works = byApp.ok || byPerson.ok;
  const verdict = byApp.ok ? "works_by_app" : byPerson.ok ? "works_by_person" : "works_not";
  return [
    account,
    byApp,
    byPerson,
    { id: "verdict", ok: works, seen: { code: verdict }, ...(works ? {} : { cure: "works_not" }) },
  ];
}

const notConnected = (isReadByApp: boolean): TestStep => ({
  ...{ id: "person", ok: isReadByApp, seen: { code: "not_connected" } },
  ...(isReadByApp ? {} : { cure: "not_connected" }),
});

async function read(
  { clock, graph }: Pick<MailboxTrialPorts, "clock" | "graph">,
  base: string,
  credential?: Credential,
): Promise<Sentence> {
  const more = { limitMs: LIMIT_MS, ...(credential ? { credential } : {}) };
  await readNextHour(graph, base, clock(), more);
  const { timeZone } = await graph.request({
    path: `${base}/mailboxSettings`,
    answer: settings(),
    ...more,
  });
  return { code: "read", values: { zone: timeZone === "" ? "–" : timeZone } };
}

async function stepOf(id: "app" | "person", take: () => Promise<Sentence>): Promise<TestStep> {
  try {
    return { id, ok: true, seen: await take() };
  } catch (error) {
    const code = reasonOf(error);
    const detail = error instanceof GraphError ? `${error.status} ${error.code}` : "";
    const place = id === "app" && code === "denied" ? { place: SETUP } : {};
    return { id, ok: false, seen: { code, values: { detail } }, cure: `${code}_${id}`, ...place };
  }
}

function reasonOf(error: unknown): "not_connected" | "no_token" | "no_mailbox" | "denied" | "unavailable" {
  if (error instanceof ProductError)
    return error.code === "not_connected" || error.code === "connection_lost" ? "not_connected" : "no_token";
  if (!(error instanceof GraphError)) return "unavailable";
  if (error.status === 404 || /^MailboxNot/i.test(error.code)) return "no_mailbox";
  return error.status === 403 || error.status === 401 ? "denied" : "unavailable";
}
