/** Starts a stand-in server with the plugin of echo.ts, and signs one person in. */

import { afterAll, beforeAll } from "bun:test";
import { join } from "node:path";
import { WireLog } from "../../wire-log.ts";
import { PluginBundle } from "../plugin-bundle.ts";
import { MattermostServer } from "../server.ts";
import { login } from "../sessions.ts";
import { World } from "../world.ts";

const path = import.meta.dir;

/** The plugin runs from the first test of the file to the last. */
export function echoServer() {
  const world = new World({ siteUrl: "http://localhost/chat" });
  const wires = new WireLog();
  const server = new MattermostServer({
    world,
    bundle: new PluginBundle(path),
    wires,
    command: [process.execPath, join(path, "echo.ts")],
    port: 0,
    subpath: "/chat",
    nodes: ["node-1"],
    page: async (path) => (path === "/alpha/channels/town-square" ? new Response("page") : null),
    extra: async () => null,
  });
  const ana = world.addUser({ Username: "ana" });
  const team = world.addTeam({ Name: "alpha" });
  world.joinTeam(ana.Id, team.Id);
  const square = world.channelByName(team.Id, "town-square");
  const { session } = login(world, ana, new Request("http://localhost"));
  const cookie = `MMAUTHTOKEN=${session.Token}; other=1`;
  const csrf = session.Props.csrf ?? "";

  beforeAll(async () => {
    server.listen();
    await server.startPlugin();
  });
  afterAll(() => server.close());

  const url = (rest: string) => `http://127.0.0.1:${server.port}/chat${rest}`;
  const echo = async (rest: string, init?: RequestInit) =>
    (await (await fetch(url(`/plugins/echo${rest}`), init)).json()) as {
      pathname: string;
      search: string;
      headers: Record<string, string>;
      context: { userId: string | null; SessionId: string; IPAddress: string };
    };
  return { world, wires, server, ana, team, square, session, cookie, csrf, url, echo };
}
