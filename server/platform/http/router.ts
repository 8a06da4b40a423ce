/**
 * The path of every request to a feature's handler:
 *
 *   request ─▶ below the admin path? ─▶ route ─▶ its audience ─▶ handler ─▶ default headers ─▶ answer
 *
 * Identity and permission are checked here, once, before any code of a feature runs. Every path below the admin path
 * is refused to non-admins, whether a route exists there or not.
 */

import { type Handler, Hono, type MiddlewareHandler } from "hono";
import type { RequestContext } from "../../runtime/mattermost/index.ts";
import { type ErrorCode, errorResponse, ProductError } from "../errors.ts";
import { errors } from "../shared-errors.ts";
import { ADMIN_PATH, type Audience, type Env, type Route, Routes } from "./routes.ts";

export interface RouterPorts {
  /** Whether the account has the permission `manage_system`. */
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly log: { error(message: string, fields: Record<string, unknown>): void };
  /** Aborted when the plugin ends. Requests that fail because of it are not logged as errors. */
  readonly ending?: AbortSignal;
  /** Translates errors of other systems for the admin who caused them. */
  readonly explain?: (error: unknown) => { readonly code: ErrorCode; readonly detail: string } | null;
}

export interface Router {
  fetch(request: Request, context: RequestContext): Response | Promise<Response>;
  /** Adds routes; routes added earlier are tried first. Call it before the first request. */
  add(routes: Routes): void;
  readonly routes: readonly Route[];
}

/** Set on every response, unless the route sets them itself. */
const DEFAULT_HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;

export function createRouter({ isSystemAdmin, log, explain, ending }: RouterPorts): Router {
  const app = new Hono<Env>();
  const all = new Routes();
  /** Requests whose sender is known to be an admin, so that only the first of two checks looks it up. */
  const admins = new WeakSet<Request>();

  const requireAdmin: MiddlewareHandler<Env> = async ({ env, req }, next) => {
    await admit("admin", env, req.raw);
    await next();
  };
  app.use(ADMIN_PATH, requireAdmin);
  app.use(`${ADMIN_PATH}/*`, requireAdmin);
  app.notFound(({ env }) => errorResponse(new ProductError("not_found"), env.RequestId));
  app.onError((error, { env, req }) => {
    const known = admins.has(req.raw) ? explain?.(error) : null;
    if (known) return explained(known, env.RequestId);
    if (!(error instanceof ProductError || ending?.aborted))
      log.error("A request failed", { request_id: env.RequestId, error });
    return errorResponse(error, env.RequestId);
  });

  /** Returns the sender's user id. Throws for senders outside the audience. */
  async function admit(audience: Audience, { userId }: RequestContext, request: Request): Promise<string> {
    if (audience === "public" || audience === "webhook") return userId ?? "";
    if (!userId) throw new ProductError("not_signed_in");
    if (audience === "member" || admins.has(request)) return userId;
    if (!(await isSystemAdmin(userId))) throw new ProductError("not_allowed");
    admins.add(request);
    return userId;
  }

  return {
    fetch: (request, context) => app.fetch(request, context),
    routes: all.list,
    add(routes) {
      for (const route of routes.list) {
        const { audience, handle, method, path } = route;
        requireGuard(route);
        const guarded: Handler<Env> = async (c) => {
          const userId = await admit(audience, c.env, c.req.raw);
          return withDefaults(await handle(c, userId));
        };
        if (method === "ALL") app.all(path, guarded);
        else app.on([method], [path], guarded);
      }
      all.include(routes);
    },
  };
}

/** The same rules as the types have, for paths that are built at run time. */
function requireGuard({ path, audience }: Route): void {
  if (audience !== "admin" && mayMatchAdminPath(path))
    throw new Error(`${path} is below the admin path and not declared for admins`);
}

/**
 * Whether some address below the admin path matches the route, through its literal segments, a parameter or a
 * wildcard.
 */
function mayMatchAdminPath(path: string): boolean {
  const segments = path.toLowerCase().split("/").slice(1);
  for (const [index, admin] of ADMIN_PATH.split("/").slice(1).entries()) {
    const segment = segments[index];
    if (segment === undefined) return false;
    if (/[*{]/.test(segment)) return true;
    if (!segment.startsWith(":") && segment !== admin) return false;
  }
  return true;
}

function withDefaults(response: Response): Response {
  for (const [name, value] of Object.entries(DEFAULT_HEADERS)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}

function explained({ code, detail }: { code: ErrorCode; detail: string }, requestId: string): Response {
  const { cure, says, status } = errors[code];
  return Response.json(
    { code, message: says, requestId, detail, cure },
    { status, headers: DEFAULT_HEADERS },
  );
}
