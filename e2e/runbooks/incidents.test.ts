/**
 * Runs the runbooks of docs/incidents.md step by step, with the printed commands, against the built executable
 * between the stand-ins. Needs `npm run build`.
 */

import { afterAll, afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { until } from "../until.ts";
import { Stage } from "../upgrade/stage.ts";

// Processes start and end on a busy machine.
setDefaultTimeout(600_000);

const document = await Bun.file(join(root, "docs/incidents.md")).text();
const printed = [...document.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = ""]) =>
  block.split("\n").flatMap((line) => line.trim() || []),
);
const statements = [...document.matchAll(/^ *```sql\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) =>
  block.trim(),
);
const executed = new Set<string>();

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.set();
});
afterEach(() => stage.sandbox.close());

test.each(printed.filter((command) => !/^(curl|mmctl) /.test(command)))("%s: is tested here", (command) => {
  expect(command).toBe("a curl or mmctl command");
});

test("lost device: all sessions end, and the tab signs in again with a token that Entra already issued", async () => {
  await signIn();
  expect(sessionsOf("alex")).toBe(1);
  await run("users/$USER/sessions/revoke/all", "alex");
  expect(sessionsOf("alex")).toBe(0);
  expect(await signIn()).toBe(200);
  await run("users/$USER/sessions/revoke/all", "alex");
  stage.sandbox.scene.alex.person.enabled = false;
  expect(sessionsOf("alex")).toBe(0);
  // A token that Entra already issued stays valid; that is why the runbook deactivates the account.
  expect(await signIn()).toBe(200);
});

test("leaver and compromised account: a deactivated account has no session and gets none with a valid token", async () => {
  await signIn();
  await run("mmctl user deactivate", "alex");
  expect(sessionsOf("alex")).toBe(0);
  const refused = await stage.signIn(stage.sandbox.scene.alex.person);
  const { code } = (await refused.json()) as { code: string };
  expect(document).toContain(`every sign-in is refused as \`${code}\``);
  await asAdmin("PUT", `/api/v4/users/${userId("alex")}/active`, { active: true });
  expect(await signIn()).toBe(200);
});

test("wrong person linked: removing the link ends the tab's sessions at once; the next sign-in makes a new link", async () => {
  await signIn();
  expect(stage.linked()).toEqual([stage.sandbox.scene.alex.person.objectId]);
  await run("admin/links/$USER", "alex");
  expect(sessionsOf("alex")).toBe(0);
  expect(stage.linked()).toEqual([]);
  expect(await signIn()).toBe(200);
  // Verify: "the audit log has …"
  expect(events().slice(-3)).toEqual(["microsoft365SignIn", "microsoft365Unlink", "microsoft365SignIn"]);
  expect(lastParameters()).toMatchObject({
    outcome: "success",
    object_id: stage.sandbox.scene.alex.person.objectId,
  });
});

test("leaked client secret: the second one takes over before the first one is removed, without an interruption", async () => {
  const { tenant } = stage.sandbox;
  const { app } = stage;
  const [leaked] = [...(tenant.secrets.get(app.appId) ?? [])];
  const next = tenant.addSecret(app).secretText;
  await stage.save({ m365_client_secret_2: next });
  expect((await stage.checks()).credential?.state).toBe("ok");
  tenant.secrets.get(app.appId)?.delete(leaked ?? "");
  expect((await stage.checks()).credential?.state).toBe("ok");
  await stage.save({ m365_client_secret: next, m365_client_secret_2: "" });
  expect((await stage.checks()).credential?.state).toBe("ok");
  expect(await signIn()).toBe(200);
});

test("stolen database dump: every session ends, and the key of the buttons is replaced", async () => {
  await signIn();
  await run("users/sessions/revoke/all", "alex");
  expect(stage.sandbox.world.sessions.size).toBe(0);
  expect(await signIn()).toBe(200);

  expect(statements).toHaveLength(1);
  const [, plugin, key] =
    /^DELETE FROM pluginkeyvaluestore WHERE pluginid = '(.+)' AND pkey = '(.+)';$/.exec(
      statements[0] ?? "",
    ) ?? [];
  expect(plugin).toBe(stage.sandbox.bundle.id);
  const listed = await Bun.file(join(root, "docs/stored-keys.md")).text();
  expect(listed).toContain(`| \`${key}`);
  await run("mmctl plugin disable", "alex");
  stage.kv.delete(key ?? "");
  await run("mmctl plugin enable", "alex");
  expect(await signIn()).toBe(200);
});

test("the plugin does not stay running: off after three failures, on again by hand, and the metric shows since when", async () => {
  const { mattermost } = stage.sandbox;
  const node = "node-1";
  const startedAt = () => metric("start_timestamp_seconds");
  const first = await startedAt();
  for (let failure = 1; failure <= 3; failure += 1) {
    await until(() => mattermost.process(node) !== undefined, "the plugin runs");
    mattermost.crash(node);
    await until(() => mattermost.process(node) === undefined, "the server has seen its end");
  }
  await Bun.sleep(1_500);
  expect(mattermost.process(node)).toBeUndefined();
  expect((await stage.signIn(stage.sandbox.scene.alex.person)).status).toBe(404);
  await run("mmctl plugin disable", "alex");
  await run("mmctl plugin enable", "alex");
  expect(await run("mmctl plugin list", "alex")).toContain(stage.sandbox.bundle.id);
  expect(await signIn()).toBe(200);
  expect(await startedAt()).toBeGreaterThanOrEqual(first);
});

test("Microsoft outage: sessions continue, activities wait, and two metrics show when it is over", async () => {
  await signIn();
  const { entra, graph } = stage.sandbox;
  entra.setFaults({ tokens: "error" });
  graph.setFaults({ unreachable: true });
  await stage.mention("@alex during the outage");
  await until(() => stage.outbox().length === 1, "it waits");
  expect(sessionsOf("alex")).toBe(1);
  await until(async () => (await metric("notifications_oldest_waiting_seconds")) > 0, "the age is reported");
  entra.healthy();
  graph.healthy();
  await stage.save({ app_version: "1.0.1" });
  await until(() => stage.activityCount("during the outage") === 1, "it is delivered");
  await until(async () => (await metric("notifications_oldest_waiting_seconds")) === 0, "nothing waits");
  expect(await signIn()).toBe(200);
  expect(await metric("sign_ins_total")).toBeGreaterThan(0);
});

// Runs after all others: each printed command must have been run by one of them.
afterAll(() => {
  const idle = printed.filter((command) => !executed.has(command));
  if (idle.length > 0) throw new Error(`no test runs: ${idle.join(" | ")}`);
});

const userId = (username: string) => stage.sandbox.world.userByUsername(username)?.Id ?? "";
const sessionsOf = (username: string) =>
  [...stage.sandbox.world.sessions.values()].filter(({ UserId }) => UserId === userId(username)).length;
const signIn = async () => (await stage.signIn(stage.sandbox.scene.alex.person)).status;

interface Audited {
  readonly EventName: string;
  readonly EventData?: { readonly Parameters?: Record<string, unknown> };
}
const audit = () => stage.sandbox.world.audit.map(({ record }) => record as unknown as Audited);
const events = () => audit().map(({ EventName }) => EventName);
const lastParameters = () => audit().at(-1)?.EventData?.Parameters;

async function metric(name: string): Promise<number> {
  const text = await (await stage.sandbox.mattermost.metrics()).text();
  const values = text.match(new RegExp(`^mission_collaboration_${name}(?:\\{.*\\})? (\\S+)$`, "gm")) ?? [];
  if (values.length === 0) throw new Error(`there is no metric ${name}`);
  return values.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** A token of Sam, because `$TOKEN` is one of a system admin. */
const adminToken = () =>
  stage.sandbox.world.addSession({ UserId: userId("sam"), Roles: "system_admin" }).Token;

async function asAdmin(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`http://localhost:${stage.sandbox.mattermost.port}${path}`, {
    method,
    headers: { Authorization: `Bearer ${adminToken()}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** Runs the printed command that contains the words, with `$USER` and the address filled in. */
async function run(words: string, username: string): Promise<string> {
  const found = printed.filter((command) => command.includes(words));
  if (found.length !== 1) throw new Error(`${found.length} printed commands with ${words}`);
  const [command = ""] = found;
  executed.add(command);
  return command.startsWith("mmctl ") ? mmctl(command, username) : curl(command, username);
}

async function curl(command: string, username: string): Promise<string> {
  const filled = command.replace(
    "https://chat.example.com",
    `http://localhost:${stage.sandbox.mattermost.port}`,
  );
  const child = Bun.spawn(["sh", "-c", `${filled} --silent --show-error --fail-with-body`], {
    env: { PATH: process.env.PATH ?? "", TOKEN: adminToken(), USER: userId(username) },
    stdout: "pipe",
    stderr: "inherit",
  });
  const answer = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${command}\n${answer}`);
  return answer;
}

/** Emulates mmctl by the requests that it makes; the tool itself is not in the repository. */
async function mmctl(command: string, username: string): Promise<string> {
  const [, group = "", action = "", subject = ""] = command.split(" ");
  const requests: Readonly<Record<string, readonly [string, string]>> = {
    "user deactivate": ["DELETE", `/api/v4/users/${userId(username)}`],
    "plugin disable": ["POST", `/api/v4/plugins/${subject}/disable`],
    "plugin enable": ["POST", `/api/v4/plugins/${subject}/enable`],
    "plugin list": ["GET", "/api/v4/plugins"],
  };
  const [method = "", path = ""] = requests[`${group} ${action}`] ?? [];
  const response = await asAdmin(method, path);
  if (!response.ok) throw new Error(`${command}: ${response.status}`);
  return response.text();
}
