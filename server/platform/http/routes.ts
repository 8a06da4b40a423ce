/** The plugin's routes. Each declares its audience; a route without one does not compile. */

import type { Context } from "hono";
import type { RequestContext } from "../../runtime/mattermost/index.ts";

/** Everything below this path is for system admins, whichever feature adds it. */
export const ADMIN_PATH = "/api/v1/admin";

/**
 * Who may call a route:
 * - `public`: anybody, signed in or not; the handler decides what it trusts.
 * - `webhook`: another server, which authenticates itself in the body.
 * - `member`: somebody whom the Mattermost server has signed in.
 * - `admin`: a member with the permission `manage_system`.
 */
export type Audience = "public" | "webhook" | "member" | "admin";

/** Paths below `ADMIN_PATH` can be declared for admins only. */
export type AudienceOf<Path extends string> = Path extends `${typeof ADMIN_PATH}${string}`
  ? "admin"
  : Audience;

export type Env = { Bindings: RequestContext };
type Answer = Response | Promise<Response>;

/** Handlers for members and admins also get the user id, which the router has checked. */
export type Handler<A extends Audience, Path extends string> = A extends "member" | "admin"
  ? (c: Context<Env, Path>, userId: string) => Answer
  : (c: Context<Env, Path>) => Answer;

/** `ALL`: the handler checks the method itself. */
export type Method = "GET" | "POST" | "PUT" | "DELETE" | "ALL";

export interface Route {
  readonly method: Method;
  /** In Hono's form: `/api/v1/admin/links/:userId`. */
  readonly path: string;
  readonly audience: Audience;
  handle(c: Context<Env>, userId: string): Answer;
  /** Only for routes loaded on demand: rejects when the loaded routes differ from the declared ones. */
  readonly load?: () => Promise<unknown>;
}

/** The routes of one feature, in the order in which they are tried. */
export class Routes {
  readonly list: Route[] = [];

  add<Path extends string, A extends AudienceOf<Path>>(
    method: Method,
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    // The context's type parameter only names the path parameters.
    this.list.push({ method, path, audience, handle: handle as Route["handle"] });
    return this;
  }

  get<Path extends string, A extends AudienceOf<Path>>(
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    return this.add("GET", path, audience, handle);
  }

  post<Path extends string, A extends AudienceOf<Path>>(
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    return this.add("POST", path, audience, handle);
  }

  put<Path extends string, A extends AudienceOf<Path>>(
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    return this.add("PUT", path, audience, handle);
  }

  delete<Path extends string, A extends AudienceOf<Path>>(
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    return this.add("DELETE", path, audience, handle);
  }

  all<Path extends string, A extends AudienceOf<Path>>(
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    return this.add("ALL", path, audience, handle);
  }

  /** Appends the routes of another part. */
  include(other: Routes): this {
    this.list.push(...other.list);
    return this;
  }
}
