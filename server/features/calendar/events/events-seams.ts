/**
 * Connects invitations and events to the other part of the calendar: settings, time zones, and the decision whose
 * permissions read a mailbox.
 */

import { zoneOf } from "../../../microsoft/time-zones/index.ts";
import type { Connections } from "../../../people/connections/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { Engine } from "../engine.ts";
import { settingsAfterConnecting } from "../rules/settings.ts";
import type { EventSeams } from "./events-ports.ts";

export interface SeamsPorts {
  readonly engine: () => Promise<Engine>;
  readonly connections: Pick<Connections, "credential" | "isConnected" | "list">;
  readonly wishesChanged: () => void;
}

export function eventSeams({ connections, engine, wishesChanged }: SeamsPorts): EventSeams {
  return {
    wishesChanged,
    async settings(userId) {
      const { core } = await engine();
      return (await core.members.get(userId))?.settings ?? settingsAfterConnecting;
    },

    async reader(userId) {
      const { core, part } = await engine();
      // Throws the reason why there is no connection, without a request to Microsoft.
      if (!(await connections.isConnected(userId))) await connections.credential(userId).token(1);
      let audience = await core.audience(userId);
      if (audience && !audience.member.mailbox) {
        // Right after connecting. When the mailbox does not answer now, Mattermost's own time zone is used.
        await part.mailboxes.refresh(userId).catch(() => {});
        audience = await core.audience(userId);
      }
      if (!audience) throw new ProductError("not_connected", "the account is deactivated");
      const { language, member, reader } = audience;
      const named = member.mailbox?.zoneName ?? "";
      return { ...reader, language, mailboxZone: zoneOf(named) ? named : reader.zone };
    },

    async *members() {
      const { core } = await engine();
      const objectIds = new Map<string, string>();
      for await (const [userId, { lost, objectId }] of connections.list())
        if (!lost) objectIds.set(userId, objectId);
      for await (const [userId, { settings }] of core.members.all()) {
        const objectId = objectIds.get(userId);
        if (objectId !== undefined) yield { userId, objectId, settings };
      }
    },

    access: {
      of: async (userId) => (await engine()).core.view.eventAccess.of(userId),
      async asPerson(userId) {
        return (await engine()).core.view.eventAccess.asPerson(userId);
      },
      async refused(userId, error) {
        return (await engine()).core.view.eventAccess.refused(userId, error);
      },
    },

    counted(what) {
      void engine().then(({ core }) => core.statistics.count(what));
    },
    cardFailed(code) {
      void engine().then(({ core }) => core.statistics.failed("card", code));
    },

    changed(userId) {
      void engine().then(({ core }) => core.changed(userId));
    },
  };
}
