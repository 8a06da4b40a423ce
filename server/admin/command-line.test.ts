import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { productPermissions } from "../../build/product-features.ts";
import { Entra } from "../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../e2e/sandbox/graph/server.ts";
import { Tenant } from "../../e2e/sandbox/tenant.ts";
import { Authority } from "../../e2e/sandbox/tls/authority.ts";
import { WireLog } from "../../e2e/sandbox/wire-log.ts";
import { permissionsFor, SIGN_IN_CLIENT } from "../microsoft/entra/sign-in-client.ts";
import { runCommandLine } from "./command-line.ts";

setDefaultTimeout(60_000);

const authority = new Authority("Sandbox Root");
const tenant = new Tenant("sandbox.example");
const entra = new Entra(tenant, authority, new WireLog());
const graph = new Graph(tenant, entra, authority);
entra.listen();
graph.listen();
graph.throttle.enabled = false;
const boss = tenant.addPerson({
  displayName: "Boss",
  userPrincipalName: "boss@sandbox.example",
  roles: ["Global Administrator"],
});
const caFile = join(tmpdir(), `sandbox-ca-${process.pid}.pem`);
writeFileSync(caFile, authority.certificate);
afterAll(() => {
  unlinkSync(caFile);
  entra.close();
  graph.close();
});

const cloud = [
  ...["--cloud", "custom", "--login-url", entra.url, "--graph-url", graph.url, "--ca-file", caFile],
  ...["--site-url", "https://chat.sandbox.example/mm"],
];

async function run(argv: string[], { answer = "y", signsIn = true, faults = 0 } = {}) {
  let faultsLeft = faults;
  let out = "";
  let said = "";
  const code = await runCommandLine(argv, {
    environment: {},
    permissions: productPermissions,
    terminal: {
      out: (text) => {
        out += text;
      },
      say: (text) => {
        said += text;
      },
      ask: async () => answer,
      // The person enters the code during the pause.
      sleep: async () => {
        entra.setFaults({ unreachable: faultsLeft > 0 });
        if (faultsLeft-- > 0) return;
        for (const { userCode } of entra.deviceCodes.waiting()) {
          entra.deviceCodes.answer(userCode, signsIn ? boss.objectId : null);
        }
      },
    },
  });
  return { code, out, said };
}

describe("set-up in a shell", () => {
  test("--features requests the permissions and redirect URIs of these features", async () => {
    const plan = async (...more: string[]) => (await run(["setup", ...cloud, "--dry-run", ...more])).said;
    const without = await plan();
    expect(without).not.toContain("redirect_uri");
    expect(without).not.toContain("Chat.Read");
    const chats = await plan("--features", "chats, calendar");
    expect(chats).toContain("https://chat.sandbox.example/mm/plugins/mission-collaboration/oauth2/complete");
    for (const name of ["Chat.Read", "Calendars.ReadWrite"]) expect(chats).toContain(name);
    expect(chats).not.toContain("ChannelMessage.Read.All");
    const { out } = await run(["setup", "script", ...cloud, "--features", "channels"]);
    expect(out).toContain("ChannelMessage.Read.All");
    expect((await run(["setup", ...cloud, "--features", "tea"])).code).toBe(2);
  });

  test("shows the plan and asks before it creates anything", async () => {
    const { code, said } = await run(["setup", ...cloud], { answer: "n" });
    expect(code).toBe(1);
    expect(said).toContain("+ identifier_uri  api://chat.sandbox.example/{client id}");
    for (const word of [SIGN_IN_CLIENT.name, SIGN_IN_CLIENT.id, ...permissionsFor.setup])
      expect(said.slice(0, said.indexOf("Open https"))).toContain(word);
    expect(tenant.applications.size).toBe(0);
  });

  test("a short fault of the network while the person signs in is no end", async () => {
    const { code, said } = await run(["setup", ...cloud, "--dry-run"], { faults: 2 });
    expect([code, said]).toEqual([0, expect.stringContaining("Signed in as boss@sandbox.example")]);
  });

  test("--dry-run creates nothing and needs no answer", async () => {
    const { code, out } = await run(["setup", ...cloud, "--dry-run", "--output", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out).steps).toHaveLength(11);
    expect(tenant.applications.size).toBe(0);
  });

  test("creates the registration, prints the settings, validates it, and has nothing to do when repeated", async () => {
    const made = await run(["setup", ...cloud, "--yes", "--output", "mattermost"]);
    expect(made.code).toBe(0);
    const settings = JSON.parse(made.out).PluginSettings.Plugins["mission-collaboration"];
    expect(settings.m365_tenant_id).toBe(tenant.id);
    expect(settings.m365_client_secret).toBeString();
    expect(made.said).not.toContain(settings.m365_client_secret);
    const own = ["--client-id", settings.m365_client_id];
    expect((await run(["setup", "validate", ...cloud, ...own])).code).toBe(0);
    tenant.revokeRole(settings.m365_client_id, "TeamsActivity.Send");
    expect((await run(["setup", "validate", ...cloud, ...own])).code).toBe(1);
    const repaired = await run([
      "setup",
      ...cloud,
      ...own,
      "--yes",
      "--secret-months",
      "0",
      "--output",
      "env",
    ]);
    expect(repaired.out).toBe(`M365_TENANT_ID=${tenant.id}\nM365_CLIENT_ID=${settings.m365_client_id}\n`);
    expect((await run(["setup", "validate", ...cloud, ...own])).code).toBe(0);
  });

  test("undoes everything when a step fails", async () => {
    tenant.applications.clear();
    graph.setFaults({ status: 500, failPath: "/addPassword" });
    const { code, out, said } = await run(["setup", ...cloud, "--yes"]);
    graph.healthy();
    graph.throttle.enabled = false;
    expect([code, out]).toEqual([1, ""]);
    expect(said).toContain("every step was taken back");
    expect(tenant.applications.size).toBe(0);
  });

  test("ends when the sign-in is declined", async () => {
    const { code, said } = await run(["setup", ...cloud, "--yes"], { signsIn: false });
    expect(code).toBe(1);
    expect(said).toContain("declined");
  });
});

describe("a command that is not understood is explained, and no request is made", () => {
  const cases: [name: string, argv: string[], says: string][] = [
    ["an unknown command", ["teardown"], "unknown command"],
    ["an unknown option", ["setup", "--force"], "--force"],
    ["no site URL", ["setup"], "--site-url"],
    ["an http site URL", ["setup", "--site-url", "http://chat.example.com"], "https"],
    [
      "an unknown cloud",
      ["setup", "--site-url", "https://a.example", "--cloud", "moon"],
      "--cloud must be one of",
    ],
    [
      "a tenant that is not a GUID",
      ["setup", "--site-url", "https://a.example", "--tenant-id", "x"],
      "--tenant-id must be a GUID",
    ],
    [
      "a secret for three years",
      ["setup", "--site-url", "https://a.example", "--secret-months", "36"],
      "0 to 24",
    ],
    ["an unknown form", ["setup", "--site-url", "https://a.example", "--output", "xml"], "--output"],
    [
      "validate without a registration",
      ["setup", "validate", "--site-url", "https://a.example"],
      "--client-id",
    ],
  ];
  for (const [name, argv, says] of cases) {
    test(name, async () => {
      const { code, said } = await run(argv);
      expect(code).toBe(2);
      expect(said).toContain(says);
      expect(said).toContain("setup --help");
      expect(said.split("\n").length).toBeLessThan(4);
      expect(said).not.toMatch(/m365_|custom_|national_/);
    });
  }
});

test("offline, it names the host and the cause in sentences", async () => {
  const nowhere = ["--login-url", "https://login.invalid", "--graph-url", "https://graph.invalid"];
  const { code, said } = await run([
    "setup",
    "--site-url",
    "https://a.example",
    "--cloud",
    "custom",
    ...nowhere,
  ]);
  expect(code).toBe(1);
  expect(said).toContain("login.invalid: the name does not resolve (DNS).");
  expect(said).not.toContain("microsoft_unreachable");
  expect(said).toContain("--ca-file");
});

describe("the scripts", () => {
  const script = async (...more: string[]) =>
    (await run(["setup", "script", "--site-url", "https://chat.example.com:8443/mm", ...more])).out;

  test("contain the same values as the plan", async () => {
    for (const text of [await script("--for", "azure-cli"), await script("--for", "powershell")]) {
      expect(text).toContain("chat.example.com'");
      expect(text).not.toContain("8443");
      expect(text).toContain("access_as_user");
      expect(text).toContain("1fec8e78-bce4-4aaf-ab1b-5451cc387264");
      expect(text).toContain("TeamsActivity.Send");
    }
  });

  test("never run the text of a name", async () => {
    const name = "x'; rm -rf /; echo '$(id)";
    const bash = await script("--for", "azure-cli", "--app-name", name);
    const printed = Bun.spawnSync(["sh", "-c", `${/^name=.*$/m.exec(bash)?.[0]}\nprintf %s "$name"`]).stdout;
    expect(String(printed)).toBe(name);
    expect(await script("--for", "powershell", "--app-name", name)).toContain(
      "'x''; rm -rf /; echo ''$(id)'",
    );
  });

  test("support the government clouds", async () => {
    expect(await script("--cloud", "gcchigh")).toContain("AzureUSGovernment");
    expect(await script("--cloud", "dod")).toContain("https://dod-graph.microsoft.us");
    expect(await script("--for", "powershell", "--cloud", "china")).toContain("-Environment China");
  });

  test("are accepted by bash", async () => {
    const check = Bun.spawnSync(["bash", "-n"], { stdin: new TextEncoder().encode(await script()) });
    expect(String(check.stderr)).toBe("");
  });
});
