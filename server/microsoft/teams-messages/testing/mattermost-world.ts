/** The people of the golden cases from Mattermost. */

import type { ToTeamsOptions } from "../index.ts";

const users: Readonly<Record<string, { id: string; displayName: string }>> = {
  alex: { id: "u-alex", displayName: "Alex Kim" },
  "bea.long": { id: "u-bea", displayName: "Bea Long" },
  dora: { id: "u-dora", displayName: "Dora de la Cruz" },
  eve: { id: "u-eve", displayName: "Eve <b> & Co" },
  "fay_x-1": { id: "u-fay", displayName: "Fay X" },
};
const chatMembers = ["u-alex", "u-bea", "u-eve", "u-fay"];

export function names(channelType = "channel"): ToTeamsOptions {
  return {
    siteUrl: "https://mm.example",
    team: channelType === "channel" ? "team1" : null,
    personOf: (name) => {
      const person = Object.hasOwn(users, name) ? (users[name] ?? null) : null;
      return channelType !== "group" || (person && chatMembers.includes(person.id)) ? person : null;
    },
    publicChannel: (name) => (name === "town-square" ? "Town Square" : null),
    everybody:
      channelType === "channel"
        ? { id: "19:ch1@thread.tacv2", displayName: "General", type: "channel" }
        : channelType === "group"
          ? { id: "19:chat1@thread.v2", displayName: "Everyone", type: "chat" }
          : null,
  };
}
