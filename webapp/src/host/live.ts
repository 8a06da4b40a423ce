/**
 * What happens on the server and in the window. The web app keeps one handler for each event of a plugin, and the next
 * registration takes its place: so everybody who listens does it here.
 */

import type { FeatureRegistry, ServerEvent } from "./registry.ts";

type Handler = (event: ServerEvent) => void;
type Handlers = Map<string, Set<Handler>>;

/** What the web app itself calls "the web socket is open again". */
export const RECONNECTED = "reconnected";
const byRegistry = new WeakMap<object, Handlers>();

/** `event` is the server's full name of it: `custom_mission-collaboration_connected`. Answers what ends it. */
export function listen(registry: FeatureRegistry, event: string, handler: Handler): () => void {
  const events = byRegistry.get(registry) ?? new Map<string, Set<Handler>>();
  byRegistry.set(registry, events);
  let handlers = events.get(event);
  if (!handlers) {
    handlers = new Set();
    events.set(event, handlers);
    const all = handlers;
    const tell = (told: ServerEvent) => {
      for (const one of [...all]) one(told);
    };
    if (event === RECONNECTED) registry.registerReconnectHandler?.(() => tell({ event, data: {} }));
    else registry.registerWebSocketEventHandler?.(event, tell);
  }
  handlers.add(handler);
  return () => handlers.delete(handler);
}

/** Of this plugin: `calendar_changed`. */
export const ownEvent = (name: string): string => `custom_mission-collaboration_${name}`;

/** The person is back at this window. */
export function onReturn(handler: () => void): () => void {
  const look = () => {
    if (document.visibilityState === "visible") handler();
  };
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  return () => {
    window.removeEventListener("focus", look);
    document.removeEventListener("visibilitychange", look);
  };
}
