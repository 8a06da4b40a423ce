import { expect, test } from "bun:test";
import { listen, ownEvent, RECONNECTED } from "./live.ts";
import type { ServerEvent } from "./registry.ts";

/** Behaves like the web app: the next handler of an event replaces the previous one. */
function hostRegistry() {
  const handlers = new Map<string, (event: ServerEvent) => void>();
  let again: () => void = () => undefined;
  return {
    registry: {
      registerWebSocketEventHandler: (event: string, handler: (event: ServerEvent) => void) =>
        void handlers.set(event, handler),
      registerReconnectHandler: (handler: () => void) => {
        again = handler;
      },
    },
    tell: (event: string) => handlers.get(event)?.({ event, data: {} }),
    reconnect: () => again(),
  };
}

test("two parts of the page get one event; a removed part gets nothing more", () => {
  const { registry, tell } = hostRegistry();
  const events: string[] = [];
  const end = listen(registry, ownEvent("connected"), () => events.push("first"));
  listen(registry, ownEvent("connected"), () => events.push("second"));
  tell("custom_mission-collaboration_connected");
  end();
  tell("custom_mission-collaboration_connected");
  tell("custom_mission-collaboration_disconnected");
  expect(events).toEqual(["first", "second", "second"]);
});

test("a listener of `reconnected` is called when the web socket is open again", () => {
  const { reconnect, registry } = hostRegistry();
  let times = 0;
  listen(registry, RECONNECTED, () => {
    times += 1;
  });
  reconnect();
  expect(times).toBe(1);
});

test("a host that lacks the registry function causes no error", () => {
  expect(() => listen({}, "config_changed", () => undefined)()).not.toThrow();
});
