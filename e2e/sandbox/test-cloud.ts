/** Starts the fake Entra and the fake Graph of one tenant for a test file, and sends them requests as an app or a person. */

import { afterAll, beforeEach } from "bun:test";
import { Entra } from "./entra/server.ts";
import { Graph } from "./graph/server.ts";
import { Tenant } from "./tenant.ts";
import { Authority } from "./tls/authority.ts";
import { WireLog } from "./wire-log.ts";

/** Both servers stop after the tests of the file; before each test they are healthy and do not throttle. */
export function testCloud() {
  const authority = new Authority("Sandbox Root");
  const tenant = new Tenant("sandbox.example");
  const entra = new Entra(tenant, authority, new WireLog());
  const graph = new Graph(tenant, entra, authority);
  entra.listen();
  graph.listen();
  afterAll(() => {
    entra.close();
    graph.close();
  });
  const tls = { ca: authority.certificate };
  const ana = tenant.addPerson({ displayName: "Ana", userPrincipalName: "ana@sandbox.example" });
  const boss = tenant.addPerson({
    displayName: "Boss",
    userPrincipalName: "boss@sandbox.example",
    roles: ["Global Administrator"],
  });
  const { app, secret } = tenant.register("Mattermost", "localhost");

  async function token(form: Record<string, string>) {
    const body = new URLSearchParams(form);
    const response = await fetch(`${entra.url}/${tenant.id}/oauth2/v2.0/token`, {
      method: "POST",
      body,
      tls,
    });
    const answer = (await response.json()) as { access_token?: string; error?: string };
    return { status: response.status, ...answer };
  }
  const ownToken = (more: Record<string, string> = {}) =>
    token({
      grant_type: "client_credentials",
      client_id: app.appId,
      client_secret: secret,
      scope: `${graph.url}/.default`,
      ...more,
    });
  async function ask(method: string, path: string, bearer: string, body?: unknown) {
    const response = await fetch(`${graph.url}/v1.0${path}`, {
      method,
      headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      tls,
    });
    const text = await response.text();
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after"),
      body: text === "" ? null : JSON.parse(text),
    };
  }

  beforeEach(() => {
    entra.healthy();
    graph.healthy();
    graph.throttle.enabled = false;
  });

  return { authority, tenant, entra, graph, tls, ana, boss, app, secret, token, ownToken, ask };
}
