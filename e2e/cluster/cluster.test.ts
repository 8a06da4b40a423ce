/**
 * `npm run test:cluster`: runs three plugin processes on one shared state, as in Mattermost High Availability. Needs
 * the bundle (`npm run build`). Takes about a minute, because leases must run out.
 */

import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { publish } from "../sandbox/mattermost/publish.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { until } from "../until.ts";

const bundlePath = join(import.meta.dir, "../../dist/mission-collaboration");
const nodes = ["node-1", "node-2", "node-3"];
// Longer than each `until` in a test, so that `until` fails first and names what was missing. A test that times out
// ends the plugin's processes, so that the tests after it fail, too.
setDefaultTimeout(600_000);
let sandbox: Sandbox;
let appId: string;

beforeAll(async () => {
  sandbox = await Sandbox.start({ bundlePath, nodes: 3, installed: true });
  appId = sandbox.registration?.app.appId ?? "";
});
afterAll(() => sandbox.close());
afterEach(() => {
  sandbox.entra.healthy();
  sandbox.graph.healthy();
});

const plugin = (path: string) => `${sandbox.siteUrl}/plugins/${sandbox.bundle.id}${path}`;
/** Sends a request that this node's plugin answers. */
const at = (node: string, path: string, init: RequestInit = {}) =>
  fetch(plugin(path), { ...init, headers: { ...init.headers, "X-Sandbox-Node": node } });

function signIn(node: string, person: Parameters<Sandbox["entra"]["tabToken"]>[1]): Promise<Response> {
  const app = sandbox.tenant.byClientId(appId);
  if (!app) throw new Error("no registration");
  return at(node, "/api/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
    body: JSON.stringify({ token: sandbox.entra.tabToken(app, person) }),
  });
}

const previews = () => sandbox.tenant.activities.map((each) => each.preview).sort();

describe("three nodes", () => {
  test("see a changed setting", async () => {
    const next = structuredClone(sandbox.world.config);
    const settings = next.PluginSettings.Plugins[sandbox.bundle.id];
    Object.assign(settings ?? {}, { extra_frame_ancestors: "https://portal.harbor.example" });
    sandbox.world.saveConfig(next);
    await sandbox.world.settled();
    for (const node of nodes) {
      await until(async () => {
        const policy = (await at(node, "/tab")).headers.get("Content-Security-Policy");
        return policy?.includes("https://portal.harbor.example") === true;
      }, `the new setting on ${node}`);
    }
  });

  test("serve one person at the same time with one link and three sessions", async () => {
    const { person } = sandbox.scene.alex;
    const answers = await Promise.all(nodes.map((node) => signIn(node, person)));
    expect(answers.map((each) => each.status)).toEqual([200, 200, 200]);
    const cookies = answers.map((each) =>
      each.headers.getSetCookie().find((cookie) => cookie.startsWith("MMAUTHTOKEN=")),
    );
    expect(new Set(cookies).size).toBe(3);
    const links = sandbox.world
      .kv(sandbox.bundle.id)
      .keys()
      .filter((key) => key.includes(person.objectId));
    expect(links).toHaveLength(1);
  });

  test("give one account to only one of two people who claim it at the same time", async () => {
    const { sam } = sandbox.scene;
    const mia = sandbox.world.userByUsername("mia");
    const claims = ["Mia One", "Mia Two"].map((displayName) =>
      sandbox.tenant.addPerson({
        displayName,
        userPrincipalName: `${displayName.replace(" ", ".").toLowerCase()}@harbor.example`,
        mail: mia?.Email ?? "",
      }),
    );
    const answers = await Promise.all(claims.map((person, i) => signIn(nodes[i] ?? "", person)));
    const statuses = answers.map((each) => each.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    // The other person stays without the account, at every node.
    const loser = claims[statuses.findIndex((status) => status !== 200)];
    for (const node of nodes) expect((await signIn(node, loser ?? sam.person)).status).not.toBe(200);
  });

  test("each mention leads to one activity, on whichever node the hook runs", async () => {
    const before = previews().length;
    const { sam, operations } = sandbox.scene;
    for (const [i, node] of nodes.entries()) {
      const Message = `@alex round ${i}`;
      await publish(sandbox.world, { UserId: sam.user.Id, ChannelId: operations, Message }, { node });
    }
    await until(() => previews().length >= before + 3, "three activities");
    await Bun.sleep(1_500);
    expect(previews().slice(-3)).toEqual(["@alex round 0", "@alex round 1", "@alex round 2"]);
  });

  test("no mention is lost when a node with queued mentions crashes", async () => {
    sandbox.graph.setFaults({ unreachable: true });
    const { sam, operations } = sandbox.scene;
    const messages = Array.from({ length: 6 }, (_, i) => `@alex crash ${i}`);
    for (const [i, Message] of messages.entries()) {
      const node = nodes[i % nodes.length] ?? "";
      await publish(sandbox.world, { UserId: sam.user.Id, ChannelId: operations, Message }, { node });
    }
    await sandbox.world.settled();
    const crashed = nodes.filter((node) => node !== "node-3");
    for (const node of crashed) sandbox.mattermost.crash(node);
    sandbox.graph.healthy();
    const delivered = () => previews().filter((each) => each.includes("crash"));
    await until(() => messages.every((each) => delivered().includes(each)), "every mention is delivered");
    // Only the batch in flight can be sent twice, and nothing was in flight.
    await Bun.sleep(1_500);
    expect(delivered()).toEqual([...messages].sort());
  });

  test("the crashed processes are back", async () => {
    await until(
      () => nodes.every((node) => sandbox.mattermost.process(node) !== undefined),
      "three processes",
    );
    for (const node of nodes) expect((await at(node, "/tab")).status).toBe(200);
  });
});
