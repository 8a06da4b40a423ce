/**
 * Events of the server and the window. The web app keeps one handler per event of a plugin, and the next registration
 * replaces it, so all our code listens through this module.
 */

import type { FeatureRegistry, ServerEvent } from "./registry.ts";

type Handler = (event: ServerEvent) => void;
type Handlers = Map<string, Set<Handler>>;

/** The web app's own name for "the web socket is open again". */
export const RECONNECTED = "reconnected";
const byRegistry = new WeakMap<object, Handlers>();

/**
 * `event` is the server's full name: `custom_mission-collaboration_connected`. Returns a function that unsubscribes.
 */
export function listen(registry: FeatureRegistry, event: string, handler: Handler): () => void {
  const events = byRegistry.get(registry) ?? new Map<string, Set<Handler>>();
  byRegistry.set(registry, events);
  let handlers = events.get(event);
  if (!handlers) {
    handlers = new Set();
    events.set(event, handlers);
    const all = handlers;
    const tell = (event: ServerEvent) => {
      for (const one of [...all]) one(event);
    };
    if (event === RECONNECTED) registry.registerReconnectHandler?.(() => tell({ event, data: {} }));
    else registry.registerWebSocketEventHandler?.(event, tell);
  }
  handlers.add(handler);
  return () => handlers.delete(handler);
}

/** The full name of an event of this plugin, such as `calendar_changed`. */
export const ownEvent = (name: string): string => `custom_mission-collaboration_${name}`;

/** Calls the handler when the person is back at this window. */
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
