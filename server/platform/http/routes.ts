/** Routes of the plugin: each declares its audience, and a route without one does not compile. */

import type { Context } from "hono";
import type { RequestContext } from "../../runtime/mattermost/index.ts";

/** Everything below this path is for system admins, whichever room adds it. */
export const ADMIN_PATH = "/api/v1/admin";

/**
 * - `public`: anybody, signed in or not; the route decides what it believes.
 * - `webhook`: another server, which proves itself in the body.
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

/** Members and admins come with their user id; the door has checked it. */
export type Handler<A extends Audience, Path extends string> = A extends "member" | "admin"
  ? (c: Context<Env, Path>, userId: string) => Answer
  : (c: Context<Env, Path>) => Answer;

/** `ALL`: the handler looks at the method itself. */
export type Method = "GET" | "POST" | "PUT" | "DELETE" | "ALL";

export interface Route {
  readonly method: Method;
  /** In Hono's form: `/api/v1/admin/links/:userId`. */
  readonly path: string;
  readonly audience: Audience;
  handle(c: Context<Env>, userId: string): Answer;
  /** Of a route whose room is loaded on demand: rejects where the room has other routes than declared. */
  readonly load?: () => Promise<unknown>;
}

/** The routes of one room, in the order in which they are tried. */
export class Routes {
  readonly list: Route[] = [];

  add<Path extends string, A extends AudienceOf<Path>>(
    method: Method,
    path: Path,
    audience: A,
    handle: Handler<A, Path>,
  ): this {
    // The context's type parameter only names the parameters of the path.
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

  /** The routes of another room behind these. */
  include(other: Routes): this {
    this.list.push(...other.list);
    return this;
  }
}
