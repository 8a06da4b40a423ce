/** Fake Entra and Graph servers with the app registration that tests of chats use. */

import { Entra } from "../../../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../../../e2e/sandbox/graph/server.ts";
import { Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { Authority } from "../../../../e2e/sandbox/tls/authority.ts";
import { WireLog } from "../../../../e2e/sandbox/wire-log.ts";

/** Microsoft's side, created once per test file, because keys and certificates take a while. */
export class Microsoft {
  readonly authority = new Authority("Sandbox Root");
  readonly tenant = new Tenant("example.com");
  readonly entra = new Entra(this.tenant, this.authority, new WireLog());
  readonly graph = new Graph(this.tenant, this.entra, this.authority);
  readonly registered = this.tenant.register("Mattermost", "chat.example.com");

  constructor() {
    this.entra.listen();
    this.graph.listen();
    for (const role of ["Chat.Read.All", "Presence.Read.All"])
      this.tenant.grantRole(this.registered.app.appId, role);
  }

  close(): void {
    this.entra.close();
    this.graph.close();
  }
}
