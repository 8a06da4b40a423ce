import { describe, expect, test } from "bun:test";
import { MemoryCluster, MemoryStore } from "../../activity/testing/memory-store.ts";
import { settingsAfterConnecting } from "../rules/settings.ts";
import { Members } from "./members.ts";

/** Two nodes; the reads of the second one wait until they are released, with what they have read. */
function world() {
  const store = new MemoryStore();
  const cluster = new MemoryCluster();
  const held: (() => void)[] = [];
  let isHeld = false;
  const slow = {
    compareAndSet: store.compareAndSet.bind(store),
    get: async (key: string) => {
      const bytes = await store.get(key);
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      return bytes;
    },
  };
  const node = (kv: object) => {
    const { publish, ...others } = cluster.node();
    // As the server does: nobody waits for the other node's handler.
    const nodes = { ...others, publish: async (id: string, data: string) => void publish(id, data) };
    return new Members({ kv, cluster: nodes, log: { warn() {} } } as never);
  };
  const [there, here] = [node(store), node(slow)];
  const changes: (string | null)[] = [];
  here.onChange((_, member) => changes.push(member?.settings.status ?? null));
  const put = (members: Members, status: "off" | "away" | "dnd") =>
    members.setSettings("ana", { ...settingsAfterConnecting, status });
  return {
    ...{ changes, there, here, put, held },
    hold: (now: boolean) => {
      isHeld = now;
    },
  };
}

const turn = () => Bun.sleep(1);

/** The answer to the second read comes first. */
async function answerInReverse([first, second]: readonly (() => void)[]): Promise<void> {
  second?.();
  await turn();
  first?.();
  await turn();
}

describe("listeners on another node", () => {
  test("get the newest settings last, whatever the order of the answers", async () => {
    const w = world();
    w.hold(true);
    await w.put(w.there, "away");
    await turn();
    await w.put(w.there, "dnd");
    await turn();
    await answerInReverse(w.held);
    expect(w.changes).toEqual(["dnd"]);
  });

  test("get a departure last", async () => {
    const w = world();
    w.hold(true);
    await w.put(w.there, "away");
    await turn();
    await w.there.remove("ana");
    await turn();
    await answerInReverse(w.held);
    expect(w.changes).toEqual([null]);
  });

  test("get no older value after a change on their own node", async () => {
    const w = world();
    w.hold(true);
    await w.put(w.there, "away");
    await turn();
    w.hold(false);
    await w.put(w.here, "dnd");
    w.held[0]?.();
    await turn();
    expect(w.changes.at(-1)).toBe("dnd");
    expect(w.changes).not.toContain("away");
  });

  test("get a newer value of another node after a change on their own node", async () => {
    const w = world();
    w.hold(true);
    const mine = w.put(w.here, "away");
    await turn();
    await w.put(w.there, "dnd");
    w.hold(false);
    for (const release of w.held.splice(0)) release();
    await mine;
    await turn();
    expect(w.changes.at(-1)).toBe(await w.here.get("ana").then((member) => member?.settings.status ?? null));
  });
});
