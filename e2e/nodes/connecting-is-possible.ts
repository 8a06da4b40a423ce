import { until } from "../until.ts";

/**
 * Waits until every node lets people connect. Each node reads the configuration and the encryption key in its own
 * time, and nodes take turns with requests. `begin` is a GET of /oauth2/connect by somebody who has not connected.
 */
export const connectingIsPossible = (begin: () => Promise<Response>, nodes = 2): Promise<void> =>
  until(async () => {
    for (let turn = 0; turn < 2 * nodes; turn += 1) if ((await begin()).status !== 302) return false;
    return true;
  }, "people can connect on every node");
