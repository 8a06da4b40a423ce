// Tests the demo's set-up against the sandbox's Mattermost, which leaves new addresses unverified like a real server.
import { expect, test } from "bun:test";
import type { PluginBundle } from "../sandbox/mattermost/plugin-bundle.ts";
import { restRoutes } from "../sandbox/mattermost/rest.ts";
import { World } from "../sandbox/mattermost/world.ts";
import { connectMattermost, setUpMattermost } from "./set-up.ts";

const people = [
  { displayName: "Sam Rivera", email: "sam.rivera@harbor.example" },
  { displayName: "Alex Morgan", email: "alex.morgan@harbor.example" },
  { displayName: "Jo Lindqvist", email: "jo.lindqvist@harbor.example" },
];

function server() {
  const world = new World();
  world.config.TeamSettings.EnableOpenServer = true;
  const toPlugin = async () => new Response("", { status: 404 });
  const routes = restRoutes({
    world,
    bundle: {} as PluginBundle,
    node: () => "node-1",
    toPlugin,
    setPluginEnabled: async () => {},
  });
  const fault = { path: "", status: 500 };
  const connect = () =>
    connectMattermost("http://mattermost", async (request) => {
      const url = new URL(request.url);
      const path = url.pathname.slice("/api/v4".length);
      if (fault.path !== "" && path.endsWith(fault.path)) return new Response("", { status: fault.status });
      return routes.fetch(new Request(`${url.origin}${path}`, request));
    });
  const accounts = () =>
    [...world.users.values()].map((user) => [user.Username, user.EmailVerified, user.Roles]);
  return { world, connect, fault, accounts };
}

const complete = [
  ["sam", true, "system_admin system_user"],
  ["alex", true, "system_user"],
  ["jo", true, "system_user"],
];

test("an account stays unverified until an admin verifies it, which is why the set-up has its own step", async () => {
  const { connect, accounts } = server();
  await connect()("POST", "/api/v4/users", { username: "sam", email: "sam@harbor.example" });
  expect(accounts()).toEqual([["sam", false, "system_admin system_user"]]);
});

test("creates three people with verified addresses, the first an admin, all in the team", async () => {
  const { world, connect, accounts } = server();
  await setUpMattermost(connect(), people);
  expect(accounts()).toEqual(complete);
  const [team] = world.teams.values();
  for (const user of world.users.values())
    expect(world.teamMembersOfUser(user.Id).map(({ TeamId }) => TeamId)).toEqual([team?.Id ?? ""]);
});

test("a second start finds everything in place", async () => {
  const { world, connect, accounts } = server();
  await setUpMattermost(connect(), people);
  await setUpMattermost(connect(), people);
  expect(accounts()).toEqual(complete);
  expect(world.teams.size).toBe(1);
});

for (const path of ["/users", "/users/login", "/teams/name/harbor", "/email/verify/member", "/members"]) {
  test(`a server that fails at ${path} ends the set-up with its answer`, async () => {
    const { connect, fault } = server();
    fault.path = path;
    expect(setUpMattermost(connect(), people)).rejects.toThrow(`${path}: 500`);
  });
}
