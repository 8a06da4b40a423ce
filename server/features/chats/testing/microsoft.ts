/** Fake Entra and Graph servers with the app registration and the permissions that tests of chats use. */

import { Microsoft as ConnectedMicrosoft } from "../../../people/connections/testing/microsoft.ts";

/** Microsoft's side, created once per test file, because keys and certificates take a while. */
export class Microsoft extends ConnectedMicrosoft {
  constructor() {
    super();
    for (const role of ["Chat.Read.All", "Presence.Read.All"])
      this.tenant.grantRole(this.registered.app.appId, role);
  }
}
