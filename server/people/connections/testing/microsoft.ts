/** Microsoft's side for tests of connections, made once for a file of tests. */

import { Entra } from "../../../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../../../e2e/sandbox/graph/server.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import { Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { Authority } from "../../../../e2e/sandbox/tls/authority.ts";
import { WireLog } from "../../../../e2e/sandbox/wire-log.ts";

export const SITE = "https://chat.example.com/mattermost";
export const PLUGIN = "mission-collaboration";
export const REDIRECT = `${SITE}/plugins/${PLUGIN}/oauth2/complete`;

/** Microsoft's side: made once for a file of tests, since its keys and certificates take a while. */
export class Microsoft {
  readonly authority = new Authority("Sandbox Root");
  readonly tenant = new Tenant("example.com");
  readonly entra = new Entra(this.tenant, this.authority, new WireLog());
  readonly graph = new Graph(this.tenant, this.entra, this.authority);
  readonly registered = this.tenant.register("Mattermost", "chat.example.com");

  constructor() {
    this.entra.listen();
    this.graph.listen();
    this.registered.app.redirectUris = [REDIRECT];
  }

  close(): void {
    this.entra.close();
    this.graph.close();
  }

  person(name: string, more: Partial<Person> = {}): Person {
    return this.tenant.addPerson({ displayName: name, userPrincipalName: `${name}@example.com`, ...more });
  }
}
