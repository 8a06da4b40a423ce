/** The chapter of the calendar. */

import { control } from "./control.ts";
import { after, BOT, CHOSEN, cardPost, isPosted, NOTIFIED, ownerOf, SUBSCRIBED, seen } from "./seen.ts";
import type { Step } from "./step.ts";

export const calendar: readonly Step[] = [
  {
    title: "Switch the calendar on",
    says: "The calendar needs one more consent, so Sam connects again. The bot welcomes him and asks what he wants: here all of it.",
    does: async () => {
      await control("/visitor/switch-on", { feature: "calendar" });
      await control("/visitor/connect", { username: "sam" });
      const choices = {
        status: "dnd",
        confirm: false,
        customStatus: true,
        notifications: true,
        reminders: true,
      };
      await control("/visitor/calendar", { as: "sam", ...choices });
    },
    button: "Switch it on",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => seen(after(log, CHOSEN), "graph", SUBSCRIBED),
  },
  {
    title: "Invite Sam",
    says: "Alex invites Sam in Outlook. Sam gets a card in Mattermost.",
    does: async () => {
      const [{ upn }, sam] = await Promise.all([ownerOf("Alex Morgan"), ownerOf("Sam Rivera")]);
      const part = { subject: "Convoy briefing", isOnlineMeeting: true };
      await control("/calendar/meet", { upn, guests: [sam.upn], startsIn: 45, minutes: 30, part });
    },
    button: "Let Alex invite",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => isPosted(after(after(after(log, CHOSEN), SUBSCRIBED), NOTIFIED)),
  },
  {
    title: "Accept",
    says: "Sam presses Accept on the card. Outlook shows the answer to Alex.",
    does: async () => control("/visitor/press", { as: "sam", post: (await cardPost()).id, action: "accept" }),
    button: "Let Sam accept",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => seen(log, "graph", /\/accept$/),
  },
  {
    title: "The meeting begins",
    says: "Alex moves the meeting to now. Sam’s status in Mattermost follows, and goes back when the meeting ends.",
    does: async () => {
      const { events, upn } = await ownerOf("Alex Morgan");
      const event = events.find(({ isOrganizer }) => isOrganizer);
      if (!event) throw new Error("Alex has no meeting yet.");
      await control("/calendar/move", { upn, id: event.id, startsIn: 0 });
    },
    button: "Begin it now",
    screen: "mattermost",
    teams: "calendar",
    done: (log) =>
      after(log, /\/accept$/).some(({ ok, what }) => ok && /^updateUser(?:Custom)?Status/.test(what)),
  },
];
