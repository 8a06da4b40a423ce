/** How the server changes a request before a plugin sees it (docs/plugin-protocol.md, section 13). */

import { join, normalize } from "node:path";
import { HookRequest } from "./hook-request.ts";
import { newId } from "./ids.ts";
import { owesMfa, sessionOf } from "./sessions.ts";
import type { World } from "./world.ts";

/** A request as the plugin gets it. `target` is path and query below /plugins/<id>. */
export function pluginRequest(world: World, request: Request, target: string, address: string): HookRequest {
  const session = sessionOf(world, request);
  const user = session && !owesMfa(world, session) ? world.users.get(session.UserId) : undefined;
  const headers = new Headers(request.headers);
  for (const name of ["mattermost-user-id", "mattermost-plugin-id", "referer"]) headers.delete(name);
  // The address as the client wrote it: in Bun, Request#headers has no Host.
  headers.set("host", request.headers.get("host") ?? new URL(request.url).host);
  const cookies = (request.headers.get("cookie") ?? "")
    .split(";")
    .filter((each) => each.trim() !== "" && !each.trim().startsWith("MMAUTHTOKEN="));
  if (cookies.length > 0) headers.set("cookie", cookies.join(";").trim());
  else headers.delete("cookie");
  if (user) headers.set("mattermost-user-id", user.Id);

  const [path = "/", query = ""] = target.split("?");
  const parameters = new URLSearchParams(query);
  parameters.delete("access_token");
  parameters.sort();
  const sorted = parameters.size > 0 ? `?${parameters}` : "";
  const context = {
    SessionId: user && session ? session.Id : "",
    ConnectionId: request.headers.get("connection-id") ?? "",
    RequestId: newId(),
    IPAddress: address,
    AcceptLanguage: request.headers.get("accept-language") ?? "",
    UserAgent: request.headers.get("user-agent") ?? "",
  };
  return new HookRequest(new Request(request, { headers }), path + sorted, context);
}

/**
 * A file of the bundle's public folder, which the server itself serves: no session, no Cache-Control, no listing.
 */
export async function publicFile(bundlePath: string, path: string, request: Request): Promise<Response> {
  const inside = normalize(`/${decodeURIComponent(path)}`);
  const file = Bun.file(join(bundlePath, "public", inside));
  if (inside.endsWith("/") || !(await file.exists()))
    return new Response("404 page not found\n", { status: 404 });
  const modified = new Date(Math.floor(file.lastModified / 1000) * 1000);
  const since = Date.parse(request.headers.get("if-modified-since") ?? "");
  const headers = { "Last-Modified": modified.toUTCString(), "Content-Type": file.type };
  if (since >= modified.getTime()) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : file, { headers });
}
