/**
 * Linked accounts, for system admins.
 *
 *   GET    /api/v1/admin/links?search=&page=0&per_page=50   {"links": [LinkRow], "total"}
 *   GET    /api/v1/admin/links.csv?search=                  the same as a file
 *   DELETE /api/v1/admin/links/{userId}                     removes the link and ends the person's sessions in the tab
 *
 * The server checks the CSRF token before it names the user.
 */

import { ProductError } from "../platform/errors.ts";
import { Routes } from "../platform/http/index.ts";
import type { Api, User } from "../runtime/mattermost/index.ts";
import type { Link, LinkRemoval } from "./link.ts";
import type { Links } from "./links.ts";
import { withAccounts } from "./with-accounts.ts";

export interface LinkRow {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly active: boolean;
  readonly tenantId: string;
  readonly objectId: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
  readonly basis: Link["basis"];
}

export interface LinkRoutesPorts {
  readonly links: Links;
  readonly api: Pick<Api, "getUsersByIds">;
  readonly audit: { unlinked(removal: LinkRemoval): void };
}

const MAX_PER_PAGE = 200;

export function linkRoutes({ api, audit, links }: LinkRoutesPorts): Routes {
  const routes = new Routes();

  routes.get("/api/v1/admin/links", "admin", async ({ req }) => {
    const rows = await find(req.query("search") ?? "");
    const page = natural(req.query("page"), 0, Number.MAX_SAFE_INTEGER);
    const perPage = natural(req.query("per_page"), 50, MAX_PER_PAGE);
    return Response.json({ links: rows.slice(page * perPage, (page + 1) * perPage), total: rows.length });
  });

  routes.get("/api/v1/admin/links.csv", "admin", async ({ req }) => {
    return new Response(csv(await find(req.query("search") ?? "")), {
      headers: {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="linked-accounts.csv"',
      },
    });
  });

  routes.delete("/api/v1/admin/links/:userId", "admin", async ({ env, req }, by) => {
    const userId = req.param("userId");
    if (!(await links.unlink(userId))) throw new ProductError("not_found");
    audit.unlinked({ by, userId, address: env.IPAddress, requestId: env.RequestId });
    return new Response(null, { status: 204 });
  });

  return routes;

  async function find(search: string): Promise<LinkRow[]> {
    const wanted = search.trim().toLowerCase();
    const rows: LinkRow[] = [];
    for await (const [link, user] of withAccounts(api, links.all(), ({ userId }) => userId)) {
      const row = rowOf(link, user);
      if (matches(row, wanted)) rows.push(row);
    }
    return rows.sort((one, other) => (one.username < other.username ? -1 : 1));
  }
}

const rowOf = ({ basis, linkedAt, objectId, tenantId, userId }: Link, user: User | undefined): LinkRow => ({
  userId,
  username: user?.Username ?? "",
  email: user?.Email ?? "",
  active: user?.DeleteAt === 0,
  tenantId,
  objectId,
  linkedAt,
  basis,
});

/** Matches a part of the names, or a whole id of either account. */
const matches = ({ username, email, objectId, userId }: LinkRow, wanted: string) =>
  [username, email].some((text) => text.toLowerCase().includes(wanted)) ||
  userId === wanted ||
  objectId === wanted;

function natural(text: string | undefined, otherwise: number, most: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : otherwise;
}

function csv(rows: readonly LinkRow[]): string {
  const head = ["username", "email", "active", "user_id", "tenant_id", "object_id", "linked_at", "basis"];
  const lines = rows.map(({ username, email, active, userId, tenantId, objectId, linkedAt, basis }) => [
    username,
    email,
    String(active),
    userId,
    tenantId,
    objectId,
    new Date(linkedAt).toISOString(),
    basis,
  ]);
  return [head, ...lines].map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

/** Quotes a cell that a spreadsheet would run as a formula (OWASP, "CSV Injection"). */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
