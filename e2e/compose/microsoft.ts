/** Microsoft's side of docker-compose.yml, and the set-up of the Mattermost server beside it. */

import { Hono } from "hono";
import { Entra } from "../sandbox/entra/server.ts";
import { Graph } from "../sandbox/graph/server.ts";
import { Pages } from "../sandbox/pages.ts";
import { registrationSettings } from "../sandbox/registration.ts";
import { DOMAIN } from "../sandbox/scene.ts";
import { Teams } from "../sandbox/teams/server.ts";
import { Tenant } from "../sandbox/tenant.ts";
import { Authority } from "../sandbox/tls/authority.ts";
import { WireLog } from "../sandbox/wire-log.ts";
import { connectMattermost, setUpMattermost } from "./set-up.ts";

const MATTERMOST = "http://mattermost:8065";
const PLUGIN = "mission-collaboration";
/** The name of this container inside the network. */
const place = { hostname: "0.0.0.0", names: ["microsoft"] } as const;

const wires = new WireLog();
wires.watch(({ wire, what, detail, ok }) => console.log(`${ok ? " " : "!"} ${wire} ${what} ${detail ?? ""}`));
const tenant = new Tenant(DOMAIN);
const authority = new Authority("Sandbox Root");
const entra = new Entra(tenant, authority, wires, place);
const graph = new Graph(tenant, entra, authority, { wires, place });
const people = ["Sam Rivera", "Alex Morgan", "Jo Lindqvist"].map((displayName) => {
  const userPrincipalName = `${displayName.toLowerCase().replace(" ", ".")}@${DOMAIN}`;
  return tenant.addPerson({ displayName, userPrincipalName });
});
const [sam, alex = sam] = people;
if (!sam || !alex) throw new Error("unreachable");
sam.roles.push("Global Administrator");
const teams = new Teams({
  tenant,
  entra,
  wires,
  pages: await Pages.build(),
  person: alex,
  control: new Hono(),
});
entra.listen(8443);
graph.listen(8444);
teams.listen(8066, "0.0.0.0");

while (!(await fetch(`${MATTERMOST}/api/v4/system/ping`).catch(() => null))?.ok) await Bun.sleep(1_000);
const ask = connectMattermost(MATTERMOST, (request) => fetch(request));
await setUpMattermost(
  ask,
  people.map(({ displayName, userPrincipalName }) => ({ displayName, email: userPrincipalName })),
);
const registration = tenant.register("Mattermost", "localhost");
const settings = registrationSettings({ tenant, entra, graph, teams, authority }, registration);
await ask("PUT", "/api/v4/config/patch", { PluginSettings: { Plugins: { [PLUGIN]: settings } } });
await ask("POST", `/api/v4/plugins/${PLUGIN}/enable`);
for (let tries = 30; ; tries--) {
  try {
    teams.upload(await ask<Uint8Array>("GET", `/plugins/${PLUGIN}/api/v1/app-package`));
    break;
  } catch (error) {
    if (tries === 0) throw error;
    await Bun.sleep(1_000); // the plugin is starting
  }
}
console.log("Ready: Teams at http://127.0.0.1:8066, Mattermost at http://localhost:8065");
