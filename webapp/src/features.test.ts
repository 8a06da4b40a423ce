import { expect, test } from "bun:test";
import { registerFeatures, type SwitchedOn } from "./features.ts";
import type { FeatureHost } from "./host/feature.ts";
import type { ServerEvent } from "./host/registry.ts";

function world(first: SwitchedOn | Error) {
  let answer = first;
  const events = new Map<string, (event: ServerEvent) => void>();
  const seen: string[] = [];
  const sections: string[][] = [];
  const feature = (name: string) => () => {
    seen.push(`+${name}`);
    return { section: { title: name, component: null }, off: () => void seen.push(`-${name}`) };
  };
  const host: FeatureHost = {
    registry: {
      registerWebSocketEventHandler: (event, handler) => void events.set(event, handler),
      registerReconnectHandler: (handler) => void events.set("reconnected", handler),
    },
    store: { getState: () => ({}), dispatch: () => undefined },
    now: () => 0,
    ConnectPrompt: () => null,
  };
  const { asked: started, stop } = registerFeatures(host, {
    features: { chats: feature("chats"), calendar: feature("calendar") },
    ask: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
    showSections: (all) => sections.push(all.map(({ title }) => title)),
    delayMs: () => 0,
  });
  return {
    seen,
    sections,
    started,
    stop,
    async change(next: SwitchedOn | Error, event = "config_changed") {
      answer = next;
      events.get(event)?.({ event, data: {} });
      await Bun.sleep(5);
    },
  };
}

test("only features that are on are registered", async () => {
  const { sections, seen, started } = world({ calendar: true, chats: false });
  await started;
  expect(seen).toEqual(["+calendar"]);
  expect(sections).toEqual([["calendar"]]);
});

test("nothing is registered without an answer, or when everything is off", async () => {
  for (const answer of [new Error("away"), {}]) {
    const { sections, seen, started } = world(answer);
    await started;
    expect([seen, sections]).toEqual([[], []]);
  }
});

test("an admin's change takes effect without a reload", async () => {
  const { change, sections, seen, started } = world({ calendar: true });
  await started;
  await change({ calendar: true, chats: true });
  await change({ calendar: false, chats: true });
  await change({ calendar: false, chats: true });
  expect(seen).toEqual(["+calendar", "+chats", "-calendar"]);
  expect(sections).toEqual([["calendar"], ["chats", "calendar"], ["chats"]]);
});

test("an outage changes nothing; the next connection asks again", async () => {
  const { change, seen, started } = world({ calendar: true });
  await started;
  await change(new Error("away"));
  expect(seen).toEqual(["+calendar"]);
  await change({ calendar: false }, "reconnected");
  expect(seen).toEqual(["+calendar", "-calendar"]);
});

test("nothing stays when the plugin leaves the page, and no late answer brings it back", async () => {
  const { change, sections, seen, started, stop } = world({ calendar: true });
  await started;
  stop();
  await change({ calendar: true, chats: true });
  expect(seen).toEqual(["+calendar", "-calendar"]);
  // If they were registered after that, they would outlive the plugin.
  expect(sections).toEqual([["calendar"]]);
});
