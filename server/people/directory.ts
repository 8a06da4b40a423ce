/** Reads a person in the tenant's directory, once, when the person is linked. */

import { z } from "zod";
import type { OnBehalfOf } from "../microsoft/entra/on-behalf-of.ts";
import { fixedToken, type GraphClient, GraphError } from "../microsoft/graph/index.ts";
import { lazy } from "../runtime/lazy.ts";
import { within } from "../runtime/within.ts";

export interface DirectoryFacts {
  readonly objectId: string;
  /** `mail` and `userPrincipalName`, in this order, if they are set. */
  readonly addresses: readonly string[];
  readonly guest: boolean;
  /** Absent when the directory has none. */
  readonly givenName?: string;
  readonly familyName?: string;
}

export type DirectoryAnswer =
  | { readonly ok: true; readonly facts: DirectoryFacts }
  | {
      readonly ok: false;
      /** For the audit record. */
      readonly why: string;
      /** True when asking again does not help: Entra refused, or there is no credential. */
      readonly final?: boolean;
      /** Entra's number of the refusal (server/microsoft/entra/refusals.ts). */
      readonly number?: string;
    };

export interface Directory {
  /** Reads the person to whom the tab token belongs. Never throws. */
  read(tabToken: string): Promise<DirectoryAnswer>;
  /** The result of the last read, for the Checks page; `null` before the first. */
  readonly last: { readonly at: number; readonly ok: boolean; readonly why: string } | null;
  /** Entra's number when it refused the last read: consent, Conditional Access, a second factor. */
  consentTrouble(): string | null;
}

/** The time limit: somebody is looking at an empty tab meanwhile. */
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
  let number: string | null = null;

  async function ask(tabToken: string): Promise<DirectoryAnswer> {
    const answer = await onBehalfOf(tabToken, "User.Read");
    if (!answer.ok) {
      const why = `${answer.why} ${answer.code}`.trim();
      if (answer.why === "unreachable") return { ok: false, why };
      return { ok: false, why, final: true, ...(answer.code === "" ? {} : { number: answer.code }) };
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
      const asked = ask(tabToken).catch(unexpected);
      const answer = await within(PATIENCE_MS, asked, late);
      last = { at: clock(), ok: answer.ok, why: answer.ok ? "" : answer.why };
      number = answer.ok ? null : (answer.number ?? null);
      return answer;
    },
    get last() {
      return last;
    },
    consentTrouble: () => number,
  };
}

const late: DirectoryAnswer = { ok: false, why: "no answer in time" };

const unexpected = (error: unknown): DirectoryAnswer => ({
  ok: false,
  why: error instanceof Error ? error.name : "unknown",
});

/** `userType` is how the tenant classifies the person; a guest's account name shows it as well. */
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
