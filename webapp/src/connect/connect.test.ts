import { describe, expect, test } from "bun:test";
import { CONNECT_ANSWERS, CONNECT_ASKS, createConnecting } from "./connecting.ts";
import { type Connection, type ConnectionStore, isOffered, panelState } from "./connection.ts";
import { keepInside } from "./dialog.tsx";
import { watchSeen } from "./seen.ts";
import { tables, wordsFor } from "./words.ts";

const nobody: Connection = { connected: false, mayConnect: true, mustConnect: false, maySkip: false };

describe("texts", () => {
  test("every language has every text and every placeholder", () => {
    const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const table of Object.values(tables)) {
      expect(Object.keys(table).sort()).toEqual(Object.keys(tables.en).sort());
      for (const [word, text] of Object.entries(table))
        expect([word, values(text)]).toEqual([word, values(tables.en[word as keyof typeof tables.en])]);
    }
  });
  test("an unknown language is English, and values are inserted unchanged", () => {
    expect(wordsFor("pt-BR")("connect")).toBe("Connect account");
    expect(wordsFor("de-AT")("ask", { account: "$& {date}" })).toStartWith("$& {date} trennen?");
  });
});

describe("the panel and its dialog", () => {
  const cases: [Partial<Connection>, string, boolean][] = [
    [{}, "open", true],
    [{ connected: true, missing: [] }, "connected", true],
    [{ connected: true, missing: ["Chat.Read"] }, "missing", true],
    [{ lost: true }, "lost", true],
    [{ lost: true, mayConnect: false, refusal: "guest" }, "refused", true],
    [{ mayConnect: false, refusal: "no_seat" }, "refused", true],
    [{ mayConnect: false }, "refused", false],
  ];
  for (const [part, state, offered] of cases)
    test(`${JSON.stringify(part)}: ${state}`, () => {
      const one = { ...nobody, ...part };
      expect([panelState(one), isOffered(one)]).toEqual([state as never, offered]);
    });
  test("are not offered before the server has answered", () => expect(isOffered(null)).toBe(false));
});

type Listener = (event: object) => void;
function world({ inTab = false, blocked = false } = {}) {
  let refreshed = 0;
  const store = {
    current: () => nobody,
    refresh: async () => {
      refreshed += 1;
      return nobody;
    },
  } as unknown as ConnectionStore;
  const listeners = new Map<string, Set<Listener>>();
  const sent: unknown[][] = [];
  const opened: unknown[][] = [];
  const shell = {
    location: { pathname: inTab ? "/mm/plugins/mission-collaboration/tab" : "/" },
    postMessage: (...message: unknown[]) => sent.push(message),
  };
  const inner = {
    basename: "/mm",
    location: { origin: "https://chat.example.com" },
    parent: shell,
    open: (...how: unknown[]) => {
      opened.push(how);
      return blocked ? null : {};
    },
    addEventListener: (name: string, listener: Listener) =>
      listeners.set(name, new Set([...(listeners.get(name) ?? []), listener])),
    removeEventListener: (name: string, listener: Listener) => listeners.get(name)?.delete(listener),
  };
  const connecting = createConnecting(store, inner as unknown as Window);
  const fire = (name: string, event: object = {}) => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(event);
  };
  return { connecting, fire, inner, opened, sent, shell, refreshed: () => refreshed };
}

describe("connecting from a page of Mattermost", () => {
  test("opens a window at the click, and refreshes when the person comes back", async () => {
    const { connecting, fire, opened, refreshed } = world();
    connecting.begin();
    expect(opened).toHaveLength(1);
    expect(opened[0]?.[0]).toBe("/mm/plugins/mission-collaboration/oauth2/connect?return=settings");
    expect(connecting.attempt()).toEqual({ at: "waiting", inWindow: true });
    fire("focus");
    expect(refreshed()).toBe(1);
    connecting.settled();
    fire("focus");
    expect(refreshed()).toBe(1);
  });

  test("reports that the browser blocked the window", () => {
    const { connecting } = world({ blocked: true });
    connecting.begin();
    expect(connecting.attempt()).toEqual({ at: "blocked" });
  });
});

describe("connecting inside the tab", () => {
  const answer = async (w: ReturnType<typeof world>, outcome: string, more: object = {}) => {
    w.fire("message", {
      source: w.shell,
      origin: "https://chat.example.com",
      data: { type: CONNECT_ANSWERS, outcome },
      ...more,
    });
    await Promise.resolve();
    await Promise.resolve();
  };

  test("asks the shell, only on its own origin, without a window", async () => {
    const w = world({ inTab: true });
    w.connecting.begin();
    expect(w.sent).toEqual([[{ type: CONNECT_ASKS }, "https://chat.example.com"]]);
    expect(w.opened).toEqual([]);
    await answer(w, "connected");
    expect(w.refreshed()).toBe(1);
    w.connecting.settled();
  });

  test("opens a window only after another press, when consent is needed", async () => {
    const w = world({ inTab: true });
    w.connecting.begin();
    await answer(w, "consent");
    expect([w.connecting.attempt().at, w.opened.length]).toEqual(["consent", 0]);
    w.connecting.openWindow();
    expect(w.opened).toHaveLength(1);
    w.connecting.settled();
  });

  test("any other answer is a failure; messages of other windows are ignored", async () => {
    const w = world({ inTab: true });
    w.connecting.begin();
    await answer(w, "connected", { source: {} });
    await answer(w, "connected", { origin: "https://evil.example" });
    expect([w.connecting.attempt().at, w.refreshed()]).toEqual(["waiting", 0]);
    await answer(w, "something");
    expect(w.connecting.attempt()).toEqual({ at: "failed" });
  });
});

describe("the report that the person is active", () => {
  function seen(connection: Connection | null) {
    const sent: string[] = [];
    const before = globalThis.fetch;
    globalThis.fetch = (async (url: string) => {
      sent.push(url);
      return new Response(null, { status: 204 });
    }) as unknown as typeof fetch;
    Object.assign(globalThis, { document: { cookie: "" }, window: {} });
    let now = 0;
    let click = () => {};
    const page = { addEventListener: (_: string, listener: () => void) => (click = listener) };
    watchSeen(
      { current: () => connection } as ConnectionStore,
      page as unknown as Window,
      () => now,
      () => 0.5,
    );
    const at = (minutes: number) => {
      now = minutes * 60_000;
      click();
    };
    const end = () => {
      globalThis.fetch = before;
      for (const name of ["document", "window"]) Reflect.deleteProperty(globalThis, name);
    };
    return { sent, at, end };
  }

  test("is sent after some minutes, then hourly", () => {
    const { at, end, sent } = seen(nobody);
    const counts = [1, 5, 6, 7, 60, 66, 67].map((minutes) => {
      at(minutes);
      return sent.length;
    });
    end();
    expect(counts).toEqual([0, 0, 1, 1, 1, 2, 2]);
    expect(sent[0]).toBe("/plugins/mission-collaboration/api/v1/connection/seen");
  });

  for (const [name, connection] of Object.entries({
    "a person who is connected": { ...nobody, connected: true },
    "a person who may not connect": { ...nobody, mayConnect: false },
    "anybody before the server has answered": null,
  }))
    test(`is not sent for ${name}`, () => {
      const { at, end, sent } = seen(connection);
      at(60);
      end();
      expect(sent).toEqual([]);
    });
});

test("Tab stays inside the dialog", () => {
  const focused: string[] = [];
  const button = (name: string) => ({ name, focus: () => focused.push(name) });
  const [first, last] = [button("first"), button("last")];
  const place = { querySelectorAll: () => [first, last], ownerDocument: { activeElement: null as unknown } };
  const press = (active: unknown, shiftKey: boolean) => {
    let stopped = false;
    place.ownerDocument.activeElement = active;
    keepInside({ shiftKey, preventDefault: () => (stopped = true) }, place as unknown as HTMLElement);
    return stopped;
  };
  expect([press(last, false), press(first, true), press(first, false), press({}, false)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(focused).toEqual(["first", "last", "first"]);
});
