/** The sandbox's organisation: a relief crew with a member in Teams, and colleagues in Mattermost. */

import type { User } from "../../server/runtime/mattermost/index.ts";
import type { Graph } from "./graph/server.ts";
import { newId } from "./mattermost/ids.ts";
import type { World } from "./mattermost/world.ts";
import type { Person, Tenant } from "./tenant.ts";

export const DOMAIN = "harbor.example";

export interface Scene {
  /** Works in Teams. */
  readonly alex: { person: Person; user: User };
  /** Writes from Mattermost, and administers both sides. */
  readonly sam: { person: Person; user: User };
  readonly team: string;
  readonly operations: string;
}

export function setScene(world: World, tenant: Tenant): Scene {
  const team = world.addTeam({ Name: "harbor", DisplayName: "Harbor Response" });
  const both = (name: string, part: { user?: Partial<User>; person?: Partial<Person> } = {}) => {
    const [first = "", last = ""] = name.split(" ");
    const username = first.toLowerCase();
    const email = `${username}.${last.toLowerCase()}@${DOMAIN}`;
    const person = tenant.addPerson({ displayName: name, userPrincipalName: email, ...part.person });
    const user = world.addUser({
      Username: username,
      Email: email,
      FirstName: first,
      LastName: last,
      ...part.user,
    });
    world.joinTeam(user.Id, team.Id);
    return { person, user };
  };
  const sam = both("Sam Rivera", {
    user: { Roles: "system_admin system_user", Position: "Watch lead" },
    person: { roles: ["Global Administrator", "Teams Administrator"] },
  });
  const alex = both("Alex Morgan", { user: { Position: "Logistics" } });
  const jo = both("Jo Lindqvist", { user: { Position: "Medic" } });
  const mia = both("Mia Tanaka", { user: { Position: "Comms" } });
  both("Dana Brooks", { user: { DeleteAt: world.now() } }); // left: deactivated in Mattermost
  tenant.addPerson({ displayName: "Robin Okafor", userPrincipalName: `robin.okafor@${DOMAIN}` }); // no Mattermost account
  tenant.addPerson({
    displayName: "Gus Guest",
    userPrincipalName: `gus_partner.example#EXT#@${DOMAIN}`,
    mail: "gus@partner.example",
    guest: true,
  });
  world.setStatus(sam.user.Id, "online");

  const channel = (
    about: { Name: string; DisplayName: string; Purpose: string; Type?: string },
    members: { user: User }[],
  ) => {
    const made = world.addChannel({ TeamId: team.Id, Type: "O", ...about });
    for (const { user } of members) world.join(user.Id, made.Id);
    return made;
  };
  const operations = channel(
    { Name: "operations", DisplayName: "Operations", Purpose: "What happens now, and who is on it" },
    [sam, alex, jo, mia],
  );
  const planning = channel({ Name: "planning", DisplayName: "Planning", Purpose: "Next 72 hours" }, [
    sam,
    alex,
    mia,
  ]);
  channel({ Name: "watch-room", DisplayName: "Watch room", Purpose: "Leads only", Type: "P" }, [sam, mia]);

  let at = world.now() - 3 * 3_600_000;
  const say = ({ user }: { user: User }, ChannelId: string, Message: string, RootId = "") => {
    at += 7 * 60_000;
    return world.putPost({ UserId: user.Id, ChannelId, Message, RootId, CreateAt: at, Id: newId() });
  };
  const square = world.channelByName(team.Id, "town-square")?.Id ?? "";
  say(mia, square, "Morning all. Sat link is back, voice is still patchy.");
  say(jo, square, "Thanks. Clinic tent **B** is open, A follows at noon.");
  const root = say(
    sam,
    operations.Id,
    "Tide gauge reads *1.9 m* and falling. We move the second convoy to 14:00.",
  );
  say(
    jo,
    operations.Id,
    "Then I need the cold boxes on the first truck:\n- insulin\n- tetanus\n- two spare compressors",
    root.Id,
  );
  say(alex, operations.Id, "On it. Truck 1 has room for four pallets.", root.Id);
  say(mia, operations.Id, "Channel 6 for convoy traffic, `CH-11` as fallback.");
  say(sam, planning.Id, "Draft for tomorrow: bridge crew first, then water. Comments until 17:00.");
  say(alex, planning.Id, "Water first would save us a night run. Let me check with the depot.");
  const direct = world.directChannel(sam.user.Id, alex.user.Id);
  say(sam, direct.Id, "Do you have the manifest for truck 2?");
  for (const { user } of [sam, alex, jo, mia]) {
    for (const member of world.channelMembersOfUser(user.Id)) {
      const total = world.channels.get(member.ChannelId)?.TotalMsgCount ?? 0;
      world.putChannelMember({ ...member, MsgCount: total, LastViewedAt: world.now() });
    }
  }
  return { alex, sam, team: team.Id, operations: operations.Id };
}

/** The same people in Teams: a chat of two, and a team that is not linked to Mattermost yet. */
export function setTeamsScene({ channels, chats }: Graph, { alex, sam }: Scene, tenant: Tenant): void {
  const robin = tenant.person(`robin.okafor@${DOMAIN}`);
  chats.direct(alex.person.objectId, sam.person.objectId);
  const team = channels.addTeam("Harbor Response", [alex.person, sam.person, ...(robin ? [robin] : [])]);
  channels.addChannel(team, "General");
  channels.addChannel(team, "Convoys");
}
