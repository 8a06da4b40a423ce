import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { countConnections } from "./metrics.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

function world() {
  const w = new ConnectionsWorld({ microsoft });
  const boss = w.user("boss", { Roles: "system_user system_admin" });
  const connect = async (name: string, part: Partial<User> = {}) => {
    const user = w.user(name, part);
    const there = microsoft.person(name);
    expect((await w.connect(user, there)).status).toBe(200);
    return { user, there };
  };
  const get = (path: string, by: User | null = boss) => w.request(`/api/v1/admin/connections${path}`, by);
  const put = (content: string | Uint8Array<ArrayBuffer>, by: User | null = boss, part = "file") => {
    const body = new FormData();
    body.set(part, new Blob([content]), "list.csv");
    return w.request("/api/v1/admin/connections/allowed.csv", by, { method: "PUT", body });
  };
  return { w, boss, connect, get, put };
}

interface Page {
  readonly total: number;
  readonly connections: readonly { readonly username: string }[];
}
const pageOf = async (response: Response) => (await response.json()) as Page;

describe("the list of connected accounts", () => {
  test("has pages, a search, and names of both accounts", async () => {
    const { connect, get } = world();
    const { user, there } = await connect("ana", { FirstName: "Ana", LastName: "Li" });
    await connect("ben");
    await connect("cy");
    const all = await pageOf(await get("?per_page=2"));
    expect([all.total, all.connections.map((one) => one.username)]).toEqual([3, ["ana", "ben"]]);
    expect(all.connections[0]).toMatchObject({
      userId: user.Id,
      firstName: "Ana",
      lastName: "Li",
      email: "ana@example.com",
      account: "ana@example.com",
      objectId: there.objectId,
      active: true,
      lost: false,
    });
    for (const [search, total] of [
      ["an", 1],
      ["BEN@", 1],
      ["li", 1],
      [there.objectId, 1],
      [user.Id, 1],
      ["nobody", 0],
      ["", 3],
    ] as const)
      expect([search, (await pageOf(await get(`?search=${search}`))).total]).toEqual([search, total]);
    for (const query of ["per_page=100000&page=-1", "page=x", "per_page=0", "per_page=-5", "page=1e9"])
      expect([query, (await get(`?${query}`)).status]).toEqual([query, 200]);
  });

  test("lists people who must connect again first", async () => {
    const { connect, get, w } = world();
    await connect("ana");
    const { there, user } = await connect("zoe");
    w.pass(2 * 3_600_000);
    microsoft.entra.delegated.revoke(there.objectId);
    await expect(w.connections.credential(user.Id).token(5)).rejects.toMatchObject({
      code: "connection_lost",
    });
    const { connections } = await pageOf(await get(""));
    expect(connections.map((one) => one.username)).toEqual(["zoe", "ana"]);
  });

  test("the report has the earlier plugin's columns, and no cell is a formula", async () => {
    const { connect, get } = world();
    const { user, there } = await connect("ana", {
      FirstName: '=HYPERLINK("http://evil")',
      LastName: "+1, Li",
    });
    const response = await get(".csv");
    expect(response.headers.get("Content-Disposition")).toBe('attachment; filename="connected-accounts.csv"');
    expect(await response.text()).toBe(
      "First Name,Last Name,Email,Mattermost User Id,Teams User Id\r\n" +
        `"'=HYPERLINK(""http://evil"")","'+1, Li",ana@example.com,${user.Id},${there.objectId}\r\n`,
    );
  });

  test("ends a connection", async () => {
    const { w, connect, boss } = world();
    const { user } = await connect("ana");
    const remove = () => w.request(`/api/v1/admin/connections/${user.Id}`, boss, { method: "DELETE" });
    expect((await remove()).status).toBe(204);
    expect((await w.state(user)).connected).toBe(false);
    expect((await remove()).status).toBe(404);
    expect(w.events.at(-1)).toMatchObject({ event: "disconnected", userId: user.Id, by: boss.Id });
  });

  test("counts people for whom a feature worked without their token, with one write per day", async () => {
    const w = new ConnectionsWorld({ microsoft });
    const ana = w.user("ana");
    await w.connect(ana, microsoft.person("ana"));
    await w.settle();
    const active = async () => (await countConnections(w.connections, w.now)).activeSevenDays;
    expect(await active()).toBe(0);
    let writes = 0;
    w.fault = (method) => {
      if (method.startsWith("kvSet") || method.startsWith("kvCompare")) writes += 1;
      return undefined;
    };
    for (let times = 0; times < 5; times += 1) w.connections.used(ana.Id);
    w.connections.used("nobody");
    await w.settle();
    expect([writes, await active()]).toEqual([1, 1]);
    w.pass(8 * 86_400_000);
    expect(await active()).toBe(0);
    w.connections.used(ana.Id);
    await w.settle();
    expect(await active()).toBe(1);
  });

  test("counts people who are connected, and those who used it within a week", async () => {
    const { w, connect, get } = world();
    const { user } = await connect("ana");
    await connect("ben");
    w.pass(2 * 3_600_000);
    await w.connections.credential(user.Id).token(5);
    expect(await (await get("/stats")).json()).toEqual({
      connected: 2,
      pendingInvitations: 0,
      allowed: 0,
      activeSevenDays: 1,
    });
  });

  for (const [method, path] of [
    ["GET", ""],
    ["GET", ".csv"],
    ["GET", "/stats"],
    ["GET", "/allowed.csv"],
    ["PUT", "/allowed.csv"],
    ["DELETE", "/someone"],
  ] as const) {
    test(`${method} ${path} is for admins`, async () => {
      const { w } = world();
      const ask = (by: User | null) => w.request(`/api/v1/admin/connections${path}`, by, { method });
      expect([(await ask(null)).status, (await ask(w.user("ana"))).status]).toEqual([401, 403]);
    });
  }
});

describe("the list of people who may connect", () => {
  const lines = (...names: string[]) =>
    ["Email", ...names.map((name) => `${name}@example.com`), ""].join("\r\n");

  test("is replaced as a whole, and downloads in the form in which it is uploaded", async () => {
    const { w, get, put } = world();
    const [ana, ben] = [w.user("ana"), w.user("ben")];
    expect(await (await put(lines("ana"))).json()).toEqual({ count: 1, failed: 0, failedLines: [] });
    expect(await (await put(lines("ben"))).json()).toEqual({ count: 1, failed: 0, failedLines: [] });
    expect([await w.connections.allowed.has(ana.Id), await w.connections.allowed.has(ben.Id)]).toEqual([
      false,
      true,
    ]);
    const file = await (await get("/allowed.csv")).text();
    expect(file).toBe("Email\r\nben@example.com\r\n");
    expect(await (await put(file)).json()).toEqual({ count: 1, failed: 0, failedLines: [] });
  });

  test("lets people on it connect", async () => {
    const { w, put } = world();
    const [ana, ben] = [w.user("ana"), w.user("ben")];
    w.config.save({ connected_accounts_restricted: true });
    await put(lines("ana"));
    expect((await w.request("/oauth2/connect", ben)).status).toBe(403);
    expect((await w.connect(ana, microsoft.person("ana"))).status).toBe(200);
    await w.settle();
    // People who were connected keep that right, and are removed from the list.
    expect(await w.connections.allowed.count()).toBe(0);
    await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" });
    expect((await w.request("/oauth2/connect", ana)).status).toBe(302);
  });

  const good: [string, string, object][] = [
    [
      "a byte order mark, other line ends, blanks, quotes, empty lines",
      '\uFEFFEMAIL\n "ana@example.com" \n\n\nben@example.com',
      { count: 2, failed: 0, failedLines: [] },
    ],
    ["an address twice", lines("ana", "ana"), { count: 1, failed: 0, failedLines: [] }],
    ["the header alone empties the list", "Email\r\n", { count: 0, failed: 0, failedLines: [] }],
    [
      "ten unknown addresses",
      lines("ana", ...Array.from({ length: 10 }, (_, i) => `x${i}`)),
      { count: 1, failed: 10, failedLines: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
    ],
  ];
  for (const [name, csv, answer] of good) {
    test(`${name}: accepted`, async () => {
      const { w, put } = world();
      w.user("ana");
      w.user("ben");
      const response = await put(csv);
      expect([response.status, await response.json()]).toEqual([200, answer]);
    });
  }

  const bad: [string, string | Uint8Array<ArrayBuffer>, number, number[] | null][] = [
    ["eleven unknown addresses", lines(...Array.from({ length: 11 }, (_, i) => `x${i}`)), 400, null],
    ["another header", "Mail\r\nana@example.com", 400, [1]],
    ["no header", "ana@example.com", 400, [1]],
    ["nothing", "", 400, [1]],
    ["two columns", "Email\r\nana@example.com,Ana", 400, [2]],
    [
      "a line that is not an address",
      "Email\r\nana@example.com\r\nana\r\nben@example.com\r\n@b",
      400,
      [3, 5],
    ],
    ["a formula", "Email\r\n=cmd|'/c calc'!A0", 400, [2]],
    ["another encoding", new Uint8Array([0x45, 0x6d, 0xff, 0xfe]), 400, null],
    ["3 MB", `Email\r\n${"ana@example.com\r\n".repeat(200_000)}`, 413, null],
  ];
  for (const [name, csv, status, failedLines] of bad) {
    test(`${name}: ${status}, and the previous list is unchanged`, async () => {
      const { w, put, get } = world();
      w.user("ana");
      w.user("ben");
      await put(lines("ana"));
      const response = await put(csv);
      expect(response.status).toBe(status);
      const answer = await response.json();
      if (failedLines) expect(answer).toMatchObject({ count: 0, failed: failedLines.length, failedLines });
      expect(await (await get("/allowed.csv")).text()).toBe("Email\r\nana@example.com\r\n");
    });
  }

  test("is refused in another part of the form, or without a form", async () => {
    const { w, boss, put } = world();
    expect((await put("Email\r\n", boss, "other")).status).toBe(400);
    const plain = { method: "PUT", body: "Email\r\n", headers: { "Content-Type": "text/csv" } };
    expect((await w.request("/api/v1/admin/connections/allowed.csv", boss, plain)).status).toBe(400);
  });
});
