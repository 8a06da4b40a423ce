/** Finds the people whom a member can invite: people they may see in Mattermost, and e-mail addresses. */

import type { User } from "../../../runtime/mattermost/index.ts";
import { FieldErrors } from "../field-errors.ts";
import type { EventServices } from "./events-ports.ts";
import type { Guests } from "./guests.ts";

export interface Attendee {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  /** Whether the person has connected an account, so that an invitation surely arrives. */
  readonly connected: boolean;
}

export interface Resolved {
  /** In Graph's form. */
  readonly invited: readonly {
    readonly type: "required";
    readonly emailAddress: { readonly address: string; readonly name?: string };
  }[];
  /** User ids. */
  readonly notInvited: readonly string[];
  /** Maps the given user id or address to the address. */
  readonly addresses: ReadonlyMap<string, string>;
}

export type AttendeesPorts = Pick<EventServices, "api" | "connections" | "links"> & {
  readonly guests: Pick<Guests, "addressOf">;
};

const MOST_FOUND = 20;
/** Some of the people found may not be visible to the caller. */
const SEARCHED = 60;
const USER_ID = /^[a-z0-9]{26}$/;
/** An e-mail address in its usual form; Exchange checks the rest. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"|]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/i;

export class Attendees {
  readonly #ports: AttendeesPorts;

  constructor(ports: AttendeesPorts) {
    this.#ports = ports;
  }

  /** Finds people whose name begins like this, and whom the caller may see. */
  async search(callerId: string, term: string): Promise<Attendee[]> {
    const { api, connections } = this.#ports;
    const text = term.trim().replace(/^@/, "");
    if (text === "" || text.length > 64) return [];
    const found = await api.searchUsers({ Term: text, AllowInactive: false, Limit: SEARCHED });
    const people = found.filter(({ DeleteAt, Id, IsBot }) => DeleteAt === 0 && !IsBot && Id !== callerId);
    const seen = await this.#visible(callerId, people, MOST_FOUND);
    return Promise.all(
      seen.slice(0, MOST_FOUND).map(async (user) => ({
        userId: user.Id,
        username: user.Username,
        name: fullName(user),
        connected: await connections.isConnected(user.Id),
      })),
    );
  }

  /** Converts user ids and addresses to Graph's form. Throws FieldErrors for anything else. */
  async resolve(callerId: string, attendees: readonly string[]): Promise<Resolved> {
    const ids = attendees.filter((one) => !one.includes("@"));
    const addresses = attendees.filter((one) => one.includes("@"));
    if (addresses.some((one) => !ADDRESS.test(one)) || ids.some((one) => !USER_ID.test(one)))
      throw new FieldErrors({ attendees: "attendee_invalid" });
    const users = ids.length === 0 ? [] : await this.#ports.api.getUsersByIds(ids);
    const people = users.filter(({ DeleteAt, IsBot }) => DeleteAt === 0 && !IsBot);
    const seen = await this.#visible(callerId, people);
    // A person whom the caller may not see is treated like one who does not exist.
    if (seen.length < new Set(ids).size) throw new FieldErrors({ attendees: "attendee_unknown" });
    const invited = new Map<string, Resolved["invited"][number]>();
    const notInvited: string[] = [];
    const known = new Map<string, string>();
    for (const user of seen) {
      const address = await this.#addressOf(user);
      if (address === null) notInvited.push(user.Id);
      else {
        known.set(user.Id, address);
        const emailAddress = { address, name: fullName(user) };
        invited.set(address.toLowerCase(), { type: "required", emailAddress });
      }
    }
    for (const address of addresses) {
      known.set(address, address);
      if (!invited.has(address.toLowerCase()))
        invited.set(address.toLowerCase(), { type: "required", emailAddress: { address } });
    }
    return { invited: [...invited.values()], notInvited, addresses: known };
  }

  /** The address of a connected account, or of a link, whose address was verified when it was created. */
  async #addressOf(user: User): Promise<string | null> {
    const connected = await this.#ports.guests.addressOf(user.Id);
    if (connected !== null) return connected;
    const links = await this.#ports.links.byMattermostUser([user.Id]);
    return links.has(user.Id) && user.Email !== "" ? user.Email : null;
  }

  /** Members see everybody; guests see the people of their channels. */
  async #visible(callerId: string, people: readonly User[], most = people.length): Promise<User[]> {
    const { api } = this.#ports;
    if (people.length === 0) return [];
    if (await api.hasPermissionTo(callerId, { Id: "view_members" })) return [...people];
    const mine = await this.#channelsOf(callerId);
    const seen: User[] = [];
    for (const user of people) {
      if (seen.length >= most) break;
      const theirs = await this.#channelsOf(user.Id);
      if (user.Id === callerId || [...theirs].some((id) => mine.has(id))) seen.push(user);
    }
    return seen;
  }

  async #channelsOf(userId: string): Promise<ReadonlySet<string>> {
    const { api } = this.#ports;
    const teams = await api.getTeamsForUser(userId);
    const lists = await Promise.all(teams.map(({ Id }) => api.getChannelsForTeamForUser(Id, userId, false)));
    return new Set(lists.flat().map(({ Id }) => Id));
  }
}

function fullName({ FirstName, LastName, Username }: User): string {
  return [FirstName, LastName].join(" ").trim() || Username;
}
