/** For tests: mounts a set of routes behind the product's own door. */

import type { RequestContext } from "../../../runtime/mattermost/index.ts";
import { createDoor, type DoorPorts } from "../door.ts";
import type { Routes } from "../routes.ts";

export function openDoor(routes: Routes, ports: Partial<DoorPorts> = {}) {
  const door = createDoor({ isSystemAdmin: async () => false, log: { error: () => {} }, ...ports });
  door.add(routes);
  return {
    fetch: async (request: Request, context: Partial<RequestContext> = {}): Promise<Response> =>
      door.fetch(request, { ...nobody, ...context }),
    request: async (
      path: string,
      init: RequestInit = {},
      context: Partial<RequestContext> = {},
    ): Promise<Response> =>
      door.fetch(new Request(`${new URL(path, "http://plugin")}`, init), { ...nobody, ...context }),
  };
}

/** A request from somebody whom the server does not know. */
export const nobody: RequestContext = {
  SessionId: "",
  ConnectionId: "",
  RequestId: "request-1",
  IPAddress: "192.0.2.7",
  AcceptLanguage: "en",
  UserAgent: "",
  userId: null,
  sourcePluginId: null,
};
