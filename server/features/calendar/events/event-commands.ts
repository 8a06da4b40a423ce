/** The commands `/mscalendar event`, `link` and `unlink`. Light: their implementation is loaded on first use. */

import type { Caller, Subcommand } from "../../../platform/commands/index.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import { CALENDAR_TRIGGER } from "../command/names.ts";
import type { EventsRoom } from "./events-room.ts";
import { type EventWord, eventWords } from "./events-words.ts";

const text = (key: EventWord) => (language?: Language) => eventWords.in(language)(key);

export function eventCommands(
  room: () => Promise<Pick<EventsRoom, "commands">>,
  isOffered: () => boolean,
): Subcommand[] {
  const run =
    (name: "event" | "link" | "unlink") =>
    async (words: readonly string[], caller: Caller): Promise<string> =>
      (await room()).commands[name](words, caller);
  return [
    {
      name: "event",
      trigger: CALENDAR_TRIGGER,
      help: text("help_event"),
      hint: "[create | find]",
      words: [
        { word: "create", help: text("help_event_create") },
        { word: "find", help: text("help_event_find"), hint: "30" },
      ],
      isOffered,
      run: run("event"),
    },
    { name: "link", trigger: CALENDAR_TRIGGER, help: text("help_link"), isOffered, run: run("link") },
    { name: "unlink", trigger: CALENDAR_TRIGGER, help: text("help_unlink"), isOffered, run: run("unlink") },
  ];
}
