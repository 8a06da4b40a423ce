/**
 * Connected accounts for system admins.
 *
 *   GET    /api/v1/admin/connections?search=&page=0&per_page=50   {"connections": [ConnectionRow], "total"}
 *   GET    /api/v1/admin/connections.csv?search=                  the report
 *   DELETE /api/v1/admin/connections/{userId}                     204
 *   GET    /api/v1/admin/connections/bot                          {"needed", "connected", "lost"?, "account"?, …}
 *   DELETE /api/v1/admin/connections/bot                          204
 *   GET    /api/v1/admin/connections/allowed.csv                  the list of who may connect
 *   PUT    /api/v1/admin/connections/allowed.csv                  multipart `file`: {count, failed, failedLines}
 *   GET    /api/v1/admin/connections/stats                        {connected, pendingInvitations, allowed, activeSevenDays}
 */

import { ProductError } from "../../platform/errors.ts";
import { Routes, readUpload } from "../../platform/http/index.ts";
import { errors } from "../../platform/shared-errors.ts";
import type { Api, User } from "../../runtime/mattermost/index.ts";
import { withAccounts } from "../with-accounts.ts";
import type { ConnectionEntry } from "./connection.ts";
import type { Connections } from "./index.ts";
import { countConnections } from "./metrics.ts";
import { csvCell } from "./seats/allowed-list.ts";

export interface ConnectionRow {
  readonly userId: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly active: boolean;
  readonly account: string;
  readonly objectId: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly lost: boolean;
}

export interface ConnectionAdminPorts {
  readonly connections: Connections;
  readonly api: Pick<Api, "getUsersByIds">;
  readonly clock: () => number;
}

const MAX_PER_PAGE = 200;
/** Room for about 50,000 addresses. */
const MAX_LIST_BYTES = 2 * 1024 * 1024;

export function connectionAdminRoutes({ api, clock, connections }: ConnectionAdminPorts): Routes {
  async function find(search: string | undefined): Promise<ConnectionRow[]> {
    const wanted = (search ?? "").trim().toLowerCase();
    const rows: ConnectionRow[] = [];
    for await (const [[userId, entry], user] of withAccounts(api, connections.list(), ([id]) => id))
      rows.push(rowOf(userId, entry, user));
    return rows.filter((row) => matches(row, wanted)).sort((a, b) => (a.username < b.username ? -1 : 1));
  }

  return new Routes()
    .get("/api/v1/admin/connections", "admin", async ({ req }) => {
      // People who must connect again come first: an admin opens this page to find them.
      const rows = (await find(req.query("search"))).sort((a, b) => Number(b.lost) - Number(a.lost));
      const page = natural(req.query("page"), 0, Number.MAX_SAFE_INTEGER);
      const perPage = Math.max(1, natural(req.query("per_page"), 50, MAX_PER_PAGE));
      return Response.json({
        connections: rows.slice(page * perPage, (page + 1) * perPage),
        total: rows.length,
      });
    })
    .get("/api/v1/admin/connections.csv", "admin", async ({ req }) => {
      const head = ["First Name", "Last Name", "Email", "Mattermost User Id", "Teams User Id"];
      const lines = (await find(req.query("search"))).map((row) => [
        row.firstName,
        row.lastName,
        row.email,
        row.userId,
        row.objectId,
      ]);
      return file(
        "connected-accounts.csv",
        [head, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join(""),
      );
    })
    .get("/api/v1/admin/connections/bot", "admin", async () => {
      const needed = connections.needsBot();
      const bot = await connections.bot();
      if (!bot) return Response.json({ needed, connected: false });
      const { lost, ...rest } = bot;
      const missing = connections.missingOfBot(bot);
      return Response.json({ needed, connected: !lost, ...(lost ? { lost } : {}), ...rest, missing });
    })
    .delete("/api/v1/admin/connections/bot", "admin", async ({ env }, by) => {
      if (!(await connections.disconnectBot({ userId: by, requestId: env.RequestId })))
        throw new ProductError("not_found");
      return new Response(null, { status: 204 });
    })
    .get("/api/v1/admin/connections/allowed.csv", "admin", async () =>
      file("allowed-accounts.csv", await connections.allowed.csv()),
    )
    .put("/api/v1/admin/connections/allowed.csv", "admin", async ({ env, req }) => {
      const result = await connections.allowed.replace(await readUpload(req.raw, MAX_LIST_BYTES));
      const { count, failed, failedLines, ok } = result;
      if (ok) return Response.json({ count, failed, failedLines });
      const { cure, says, status } = errors.accounts_list_invalid;
      const answer = { code: "accounts_list_invalid", message: says, cure, requestId: env.RequestId };
      return Response.json({ ...answer, count, failed, failedLines }, { status });
    })
    .get("/api/v1/admin/connections/stats", "admin", async () => {
      const { lost: _, ...counts } = await countConnections(connections, clock());
      return Response.json(counts);
    })
    .delete("/api/v1/admin/connections/:userId", "admin", async ({ env, req }, by) => {
      const ended = await connections.disconnect(req.param("userId"), {
        userId: by,
        requestId: env.RequestId,
      });
      if (!ended) throw new ProductError("not_found");
      return new Response(null, { status: 204 });
    });
}

function rowOf(
  userId: string,
  { account, lost, objectId, since }: ConnectionEntry,
  user: User | undefined,
): ConnectionRow {
  return {
    userId,
    username: user?.Username ?? "",
    firstName: user?.FirstName ?? "",
    lastName: user?.LastName ?? "",
    email: user?.Email ?? "",
    active: user?.DeleteAt === 0,
    account,
    objectId,
    since,
    lost: lost === true,
  };
}

/** Matches a part of the names, or a whole id of either account. */
const matches = (row: ConnectionRow, wanted: string) =>
  [row.username, row.email, row.account, row.firstName, row.lastName].some((text) =>
    text.toLowerCase().includes(wanted),
  ) ||
  row.userId === wanted ||
  row.objectId === wanted;

function natural(text: string | undefined, otherwise: number, most: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : otherwise;
}

const file = (name: string, text: string) =>
  new Response(text, {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${name}"`,
    },
  });
