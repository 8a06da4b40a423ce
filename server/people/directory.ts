/** What the tenant's directory says about a person, read once, when the person is linked. */

import { z } from "zod";
import type { OnBehalfOf } from "../microsoft/entra/on-behalf-of.ts";
import { fixedToken, type GraphClient, GraphError } from "../microsoft/graph/index.ts";
import { lazy } from "../runtime/lazy.ts";

export interface DirectoryFacts {
  readonly objectId: string;
  /** `mail` and `userPrincipalName`, those that are set, in this order. */
  readonly addresses: readonly string[];
  readonly guest: boolean;
  /** Absent where the directory has none. */
  readonly givenName?: string;
  readonly familyName?: string;
}

export type DirectoryAnswer =
  | { readonly ok: true; readonly facts: DirectoryFacts }
  /** `why` is for the audit record; `consentCode` is Entra's code where consent was the reason. */
  | { readonly ok: false; readonly why: string; readonly consentCode?: string };

export interface Directory {
  /** Reads the person whom the tab token is about. Never throws. */
  read(tabToken: string): Promise<DirectoryAnswer>;
  /** How the last reading went, for the checks page; `null` before the first. */
  readonly last: { readonly at: number; readonly ok: boolean; readonly why: string } | null;
  /** Entra's code where the last reading failed for lack of consent. */
  consentTrouble(): string | null;
}

/** Somebody is looking at an empty tab meanwhile. */
const PATIENCE_MS = 8_000;

const me = lazy(() =>
  z.object({
    id: z.string().toLowerCase(),
    mail: z.string().nullish(),
    userPrincipalName: z.string().nullish(),
    userType: z.string().nullish(),
    givenName: z.string().nullish(),
    surname: z.string().nullish(),
  }),
);

export interface DirectoryPorts {
  readonly onBehalfOf: OnBehalfOf;
  readonly graph: GraphClient;
  readonly clock: () => number;
}

export function createDirectory({ onBehalfOf, graph, clock }: DirectoryPorts): Directory {
  let last: Directory["last"] = null;
  let consentCode: string | null = null;

  async function ask(tabToken: string): Promise<DirectoryAnswer> {
    const answer = await onBehalfOf(tabToken, "User.Read");
    if (!answer.ok) {
      const consent = answer.why === "no_consent" && answer.code !== "" ? { consentCode: answer.code } : {};
      return { ok: false, why: `${answer.why} ${answer.code}`.trim(), ...consent };
    }
    try {
      const person = await graph.request({
        path: "/me?$select=id,mail,userPrincipalName,userType,givenName,surname",
        credential: fixedToken(answer.graphToken),
        answer: me(),
        tries: 1,
      });
      return { ok: true, facts: factsOf(person) };
    } catch (error) {
      return {
        ok: false,
        why: error instanceof GraphError ? `graph ${error.status} ${error.code}` : "graph unreachable",
      };
    }
  }

  return {
    async read(tabToken) {
      const answer = await withPatience(ask(tabToken).catch(unexpected));
      last = { at: clock(), ok: answer.ok, why: answer.ok ? "" : answer.why };
      consentCode = answer.ok ? null : (answer.consentCode ?? null);
      return answer;
    },
    get last() {
      return last;
    },
    consentTrouble: () => consentCode,
  };
}

const unexpected = (error: unknown): DirectoryAnswer => ({
  ok: false,
  why: error instanceof Error ? error.name : "unknown",
});

async function withPatience(asked: Promise<DirectoryAnswer>): Promise<DirectoryAnswer> {
  const late = Promise.withResolvers<DirectoryAnswer>();
  const timer = setTimeout(late.resolve, PATIENCE_MS, { ok: false, why: "no answer in time" });
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** `userType` is what the tenant calls the person; the name of a guest's account tells as well. */
function factsOf({
  id,
  mail,
  userPrincipalName,
  userType,
  givenName,
  surname,
}: z.output<ReturnType<typeof me>>): DirectoryFacts {
  const addresses = [mail, userPrincipalName].filter(
    (address) => address?.includes("@") === true,
  ) as string[];
  return {
    objectId: id,
    addresses: [...new Set(addresses)],
    ...(givenName ? { givenName } : {}),
    ...(surname ? { familyName: surname } : {}),
    guest: (userType ?? "").toLowerCase() === "guest" || (userPrincipalName ?? "").includes("#EXT#"),
  };
}
