/** Settings: cloud, tenant and app registration, with this server's credentials. */

import { address, choice, guid, httpsUrl, pem, short, trimmed } from "../rule.ts";
import { plain, section } from "../section.ts";

const ID = { placeholder: "11111111-2222-3333-4444-555555555555" };

const isLoopback = (hostname: string) =>
  hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";

const teamsUrl = address(
  "teams_url",
  ({ protocol, hostname }) => protocol === "https:" || (protocol === "http:" && isLoopback(hostname)),
);

export const registrationSettings = section("connect", {
  national_cloud: plain(choice("commercial", "gcchigh", "dod", "china", "custom")),
  custom_login_url: plain(httpsUrl, { placeholder: "https://login.example.mil" }),
  custom_graph_url: plain(httpsUrl, { placeholder: "https://graph.example.mil" }),
  custom_teams_url: plain(teamsUrl, { placeholder: "https://teams.example.mil" }),
  m365_tenant_id: plain(guid, ID),
  m365_client_id: plain(guid, ID),
  m365_client_secret: plain(short(1024, "secret_long"), { secret: true }),
  /** A second secret that is also accepted, for the time of a rotation. */
  m365_client_secret_2: plain(short(1024, "secret_long"), { secret: true }),
  m365_client_certificate: plain(pem(64 * 1024, "certificate_long"), { secret: true }),
  m365_federated_token_file: plain(
    trimmed("absolute_path", (path) => path === "" || path.startsWith("/")),
    { placeholder: "/var/run/secrets/azure/tokens/azure-identity-token" },
  ),
});
