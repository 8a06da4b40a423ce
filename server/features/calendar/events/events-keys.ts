/** Key families of invitations and events in the key-value store. */

import type { KeyFamily } from "../../../platform/store/key-families.ts";

export const eventsKeys: readonly KeyFamily[] = [
  {
    prefix: "calendar/event_",
    holds:
      "a member's invitations as last shown: subject, time, place and join link, IDs of the event and of the posts",
    until: "30 days after the event (a series: 400 days after its last change), or disconnect",
  },
  {
    prefix: "calendar/link_",
    holds: "which events members linked to channels: IDs of members, events and channels",
    until: "unlinked, cancelled, disconnect, or the next change of the record 30 days after the event",
  },
  {
    prefix: "calendar/since_",
    holds: "the time from which changes of a member's calendar cause cards",
    until: "the member wants no cards, or disconnect",
  },
  {
    prefix: "calendar/made_",
    holds: "which event a submission of a member made: IDs of the event, whether it was posted",
    until: "a day",
  },
  {
    prefix: "calendar/answer_",
    holds:
      "a member's last answer to an event: digests of the two, state of the event before it; the event if it was declined",
    until: "a minute",
  },
  {
    prefix: "calendar/reminded_",
    holds: "that a channel was reminded of a linked event: when, by a hash of the event and its start",
    until: "two days",
  },
];
