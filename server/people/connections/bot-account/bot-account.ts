/**
 * The bot account: an ordinary Teams account that a system admin connects once, for messages of people who have no
 * account of their own.
 *
 *   connection.bot  ─▶  as a person's connection, sealed for `bot`
 *
 * It belongs to nobody: it creates no link, takes no seat, and is on no list. One Microsoft account is either the bot
 * or a person's connection. Both sides write first and then look for the other, so of two at the same time one backs
 * off.
 */

import type { DelegatedTokens } from "../../../microsoft/entra/delegated-tokens.ts";
import type { EntraPerson } from "../../../microsoft/entra/entra-person.ts";
import { type KeyRing, seal } from "../../../platform/store/sealed.ts";
import { type Connection, ownerOf } from "../connection.ts";
import type { EstablishPorts } from "../flow/establish.ts";
import { randomText } from "../flow/flow-states.ts";
import { heldBy } from "../flow/holder.ts";
import { type Ending, ending, outage } from "../flow/outcomes.ts";
import { BOT, removeBot } from "./bot-record.ts";

export async function establishBot(
  ports: EstablishPorts,
  {
    person,
    ring,
    tokens,
  }: { readonly person: EntraPerson; readonly tokens: DelegatedTokens; readonly ring: KeyRing },
): Promise<{ readonly ok: true; readonly connection: Connection } | { readonly ok: false; ending: Ending }> {
  const { clock, store } = ports;
  const no = (end: Ending) => ({ ok: false as const, ending: end });
  if (person.guest) return no(ending("microsoft_guest"));
  if (tokens.refreshToken === null) return no(ending("no_offline", "no refresh token"));
  const me = await ports.readAddresses(tokens.accessToken);
  if (me === "unreachable") return no(outage("graph /me"));
  if (me !== "refused" && me.objectId !== person.objectId)
    return no(ending("token_invalid", "the access token is another person's"));
  const holder = await holderOf(ports, person);
  if (holder !== null) return no(await heldBy(holder, ports.user));
  const before = (await store.read(BOT))?.connection;
  if (before && !before.lost && before.objectId !== person.objectId) return no(ending("bot_exists"));
  const now = clock();
  const connection: Connection = {
    v: 1,
    id: randomText(),
    tenantId: person.tenantId,
    objectId: person.objectId,
    account: (me === "refused" ? person.addresses : me.addresses)[0] ?? person.displayName,
    since: now,
    scopes: [...tokens.scopes],
    sealed: seal(tokens.refreshToken, ownerOf(BOT), ring),
    takenAt: now,
    madeLink: false,
    ...(before?.noticeAt === undefined ? {} : { noticeAt: before.noticeAt }),
  };
  if (!(await store.replace(BOT, connection))) return no(ending("bot_exists", "two admins at once"));
  const late = await holderOf(ports, person);
  if (late === null) return { ok: true, connection };
  await removeBot(store, connection.id);
  return no(await heldBy(late, ports.user, "at the same moment"));
}

/** Returns the person who has connected the account, or is about to. */
async function holderOf({ links, store }: EstablishPorts, person: EntraPerson): Promise<string | null> {
  const userId = (await links.store.read(person))?.record.userId;
  if (userId === undefined) return null;
  const entry = await store.entries.get(userId);
  return entry?.objectId === person.objectId ? userId : null;
}
