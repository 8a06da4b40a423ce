/** Reads and changes a member's choices, for HTTP and commands alike; every open window is notified of a change. */

import { chatsSettings } from "../../../platform/settings/sections/chats.ts";
import type { ChatsPorts } from "../ports.ts";
import type { People } from "../recipients/people.ts";
import { chatPreferences, type ShownChoices, shownChoices } from "./choices.ts";
import type { PersonRecords } from "./person-records.ts";

export interface ShownSettings extends ShownChoices {
  readonly connected: boolean;
}

export interface SettingsPorts extends Pick<ChatsPorts, "api" | "config" | "log"> {
  readonly persons: PersonRecords;
  readonly people: People;
}

/** The client receives it as `custom_mission-collaboration_chats_settings`. */
const EVENT = "chats_settings";

export function memberSettings(ports: SettingsPorts) {
  const { api, config, log, people, persons } = ports;

  function announce(userId: string): void {
    api
      .publishWebSocketEvent(EVENT, {}, { UserId: userId } as Parameters<typeof api.publishWebSocketEvent>[2])
      .catch((error: unknown) =>
        log.info("A change of settings could not be shown", { error: String(error) }),
      );
  }

  async function show(userId: string): Promise<ShownSettings> {
    const [record, objectId] = await Promise.all([persons.read(userId), people.objectIdOf(userId)]);
    return {
      ...shownChoices(record.chosen, config.current.section(chatsSettings).chats_default_on),
      connected: objectId !== null,
    };
  }

  return {
    announce,
    show,
    /**
     * Applies a partial change. Returns problems by the name of the field; when there is one, nothing was changed.
     */
    async change(
      userId: string,
      part: Readonly<Record<string, unknown>>,
    ): Promise<Readonly<Record<string, string>> | null> {
      let problems: Readonly<Record<string, string>> = {};
      await persons.change(userId, (record) => {
        const changed = chatPreferences.changed(record.chosen, part);
        problems = changed.problems;
        return changed.choices === record.chosen ? record : { ...record, chosen: changed.choices };
      });
      if (Object.keys(problems).length > 0) return problems;
      announce(userId);
      return null;
    },
  };
}
