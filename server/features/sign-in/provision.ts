/** Creates accounts for people who have none; off unless the admin switches it on. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import { signInSettings } from "../../platform/settings/index.ts";
import type { Api, Logger } from "../../runtime/mattermost/index.ts";
import { type Account, foldAddress, isAllowedAddress } from "./admission.ts";
import { namesOf, numbered, type PersonName, usernameOf } from "./username.ts";

export type ProvisionApi = Pick<
  Api,
  | "createUser"
  | "getUserByEmail"
  | "getUserByUsername"
  | "getTeamByName"
  | "createTeamMember"
  | "getChannelByName"
  | "addChannelMember"
>;

export type Provisioned =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly why: string };

export interface Provisioner {
  /** Creates an account. `name` is the directory's, when it was read. */
  provision(person: EntraPerson, addresses: readonly string[], name: PersonName): Promise<Provisioned>;
}

export interface ProvisionPorts {
  readonly config: ConfigSource;
  readonly api: ProvisionApi;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** People often share a name, but a hundred of the same name in a row are unlikely. */
const MAX_COLLISIONS = 100;

export function createProvisioner({ config, api, log }: ProvisionPorts): Provisioner {
  return {
    async provision(person, addresses, name) {
      const settings = config.current.section(signInSettings);
      // The directory's order is mail, then user principal name; without mail both are the latter.
      const email = addresses[0];
      const named = settings.provision_username === "email" ? email : addresses.at(-1);
      if (!email || !named) return { ok: false, why: "the directory has no address" };
      if (person.guest) return { ok: false, why: "guests get no account" };
      if (!isAllowedAddress(email, settings.allowed_email_domains))
        return { ok: false, why: "the address is outside the allowed domains" };

      const account = await create(email, usernameOf(named, ...addresses), name);
      if (!account) return { ok: false, why: "the server did not create the account" };
      await join(account.Id, settings.provision_teams, settings.provision_channels);
      return { ok: true, account };
    },
  };

  async function create(email: string, username: string, name: PersonName): Promise<Account | null> {
    const [firstName, lastName] = namesOf(name);
    for (let collision = 0; collision < MAX_COLLISIONS; collision++) {
      const candidate = numbered(username, collision);
      if (await foundOrNull(api.getUserByUsername(candidate))) continue;
      try {
        return await api.createUser({
          Email: foldAddress(email),
          EmailVerified: true,
          Username: candidate,
          FirstName: firstName,
          LastName: lastName,
          Password: unknownPassword(),
        });
      } catch (error) {
        // Another sign-in of the same person, or of a namesake, may have been faster.
        const made = await foundOrNull(api.getUserByEmail(foldAddress(email)));
        if (made) return made;
        if (await foundOrNull(api.getUserByUsername(candidate))) continue;
        log.warn("An account could not be created", {
          error: error instanceof Error ? error.message : String(error),
        });
        return null;
      }
    }
    return null;
  }

  /** A wrong name in the settings must not cost the person the account. */
  async function join(userId: string, teams: readonly string[], channels: readonly string[]): Promise<void> {
    for (const teamName of teams) {
      try {
        const team = await api.getTeamByName(teamName);
        if (!team) continue;
        await api.createTeamMember(team.Id, userId);
        for (const channelName of channels) await enter(team.Id, channelName, userId);
      } catch (error) {
        log.warn("A new account could not join a team", { team: teamName, error: String(error) });
      }
    }
  }

  async function enter(teamId: string, channelName: string, userId: string): Promise<void> {
    const channel = await foundOrNull(api.getChannelByName(teamId, channelName, false));
    if (channel?.Type === "O") await api.addChannelMember(channel.Id, userId);
  }
}

/** 256 random bits that nobody sees, with one character of each kind for any password rule; at most 72 bytes. */
function unknownPassword(): string {
  return `${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")}aA1!`;
}
