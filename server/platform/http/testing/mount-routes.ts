/** For tests: mounts a set of routes behind the product's own router. */

import type { RequestContext } from "../../../runtime/mattermost/index.ts";
import { createRouter, type RouterPorts } from "../router.ts";
import type { Routes } from "../routes.ts";

export function mountRoutes(routes: Routes, ports: Partial<RouterPorts> = {}) {
  const router = createRouter({ isSystemAdmin: async () => false, log: { error: () => {} }, ...ports });
  router.add(routes);
  return {
    fetch: async (request: Request, context: Partial<RequestContext> = {}): Promise<Response> =>
      router.fetch(request, { ...nobody, ...context }),
    request: async (
      path: string,
      init: RequestInit = {},
      context: Partial<RequestContext> = {},
    ): Promise<Response> =>
      router.fetch(new Request(`${new URL(path, "http://plugin")}`, init), { ...nobody, ...context }),
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
