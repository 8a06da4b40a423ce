/** Accounts for people who have none yet; off unless the admin switches it on. */

import type { EntraPerson } from "../../microsoft/entra/verify-tab-token.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import type { ConfigSource } from "../../platform/settings/index.ts";
import type { Api, Logger } from "../../runtime/mattermost/index.ts";
import { type Account, foldAddress } from "./admission.ts";

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
  provision(person: EntraPerson, addresses: readonly string[]): Promise<Provisioned>;
}

export interface ProvisionPorts {
  readonly config: ConfigSource;
  readonly api: ProvisionApi;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** The server's limits (model.UserNameMaxLength, model.UserNameMaxRunes). */
const MAX_USERNAME = 64;
const MAX_NAME = 64;
/** Names people share are common; a hundred of one name in a row are not. */
const MAX_COLLISIONS = 100;

export function createProvisioner({ config, api, log }: ProvisionPorts): Provisioner {
  return {
    async provision(person, addresses) {
      const { settings } = config.current;
      // The directory's order is mail, then user principal name; without mail both are the latter.
      const email = addresses[0];
      const named = settings.provision_username === "email" ? email : addresses.at(-1);
      if (!email || !named) return { ok: false, why: "the directory has no address" };
      if (person.guest) return { ok: false, why: "guests get no account" };
      const domains = settings.allowed_email_domains;
      if (domains.length > 0 && !domains.includes(foldAddress(email).split("@")[1] ?? ""))
        return { ok: false, why: "the address is outside the allowed domains" };

      const account = await create(email, usernameOf(named), person.displayName);
      if (!account) return { ok: false, why: "the server did not create the account" };
      await join(account.Id, settings.provision_teams, settings.provision_channels);
      return { ok: true, account };
    },
  };

  async function create(email: string, username: string, displayName: string): Promise<Account | null> {
    const [firstName, lastName] = splitName(displayName);
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

/** The part before the @, in the letters the server allows: it begins with a letter, and has three or more. */
export function usernameOf(address: string): string {
  const local = foldAddress(address)
    .split("@")[0]
    ?.normalize("NFKD")
    .replace(/[^a-z0-9._-]+/g, "")
    .replace(/^[^a-z]+/, "")
    .slice(0, MAX_USERNAME);
  if (!local) return "user";
  return local.length < 3 ? `${local}.user` : local;
}

/** `anna`, `anna2`, `anna3`, … */
function numbered(username: string, collision: number): string {
  if (collision === 0) return username;
  const suffix = String(collision + 1);
  return username.slice(0, MAX_USERNAME - suffix.length) + suffix;
}

function splitName(displayName: string): [string, string] {
  const words = displayName.trim().split(/\s+/);
  const last = words.length > 1 ? (words.pop() ?? "") : "";
  return [cut(words.join(" ")), cut(last)];
}

const cut = (text: string) => [...text].slice(0, MAX_NAME).join("");

/** 256 bits that nobody has seen, with one of each kind for any password rule; at most 72 bytes. */
function unknownPassword(): string {
  return `${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")}aA1!`;
}
