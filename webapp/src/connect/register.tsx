/** Registers the parts of the web app about the person's Microsoft 365 account. */

import * as React from "react";
import type { OwnSection } from "../host/feature.ts";
import { listen, ownEvent } from "../host/live.ts";
import type { FeatureRegistry } from "../host/registry.ts";
import { createConnecting } from "./connecting.ts";
import { createConnectionStore, isOffered } from "./connection.ts";
import { ConnectDialog } from "./dialog.tsx";
import { AccountPanel, ConnectPrompt, type ConnectRoom } from "./panel.tsx";
import { watchSeen } from "./seen.ts";
import { wordsFor } from "./words.ts";

interface Store {
  getState(): {
    entities?: { users?: { currentUserId?: string; profiles?: Record<string, { locale?: string }> } };
  };
}

/**
 * Calls `onSection` whenever the section of the user settings appears or disappears: it exists while a feature needs
 * an account.
 */
export function registerConnect(
  registry: FeatureRegistry,
  store: Store,
  onSection: (section: OwnSection | null) => void,
): { readonly ConnectPrompt: () => React.ReactElement | null } {
  const users = store.getState().entities?.users;
  const locale = users?.profiles?.[users.currentUserId ?? ""]?.locale ?? navigator.language;
  const connections = createConnectionStore();
  const room: ConnectRoom = {
    store: connections,
    connecting: createConnecting(connections),
    words: wordsFor(locale),
    locale,
  };
  const section: OwnSection = {
    title: room.words("title"),
    component: () => <AccountPanel room={room} />,
  };
  let offered = false;
  connections.subscribe(() => {
    const now = connections.current();
    if (now?.connected && (now.missing ?? []).length === 0 && room.connecting.attempt().at !== "idle")
      room.connecting.settled();
    if (isOffered(now) === offered) return;
    offered = !offered;
    onSection(offered ? section : null);
  });
  for (const event of ["connected", "disconnected"])
    listen(registry, ownEvent(event), () => void connections.refresh());
  registry.registerRootComponent?.(() => <ConnectDialog room={room} />);
  watchSeen(connections);
  void connections.refresh();
  return { ConnectPrompt: () => <ConnectPrompt room={room} /> };
}
