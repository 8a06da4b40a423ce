/** Reads the directory's addresses of the person to whom a token belongs. */

import { z } from "zod";
import { fixedToken, type GraphClient, GraphError } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { ReadAddresses } from "./establish.ts";

const me = lazy(() =>
  z.object({
    id: z.string().toLowerCase(),
    mail: z.string().nullish(),
    userPrincipalName: z.string().nullish(),
  }),
);

export const readMe =
  (graph: Pick<GraphClient, "request">): ReadAddresses =>
  async (accessToken) => {
    try {
      const { id, mail, userPrincipalName } = await graph.request({
        path: "/me?$select=id,mail,userPrincipalName",
        credential: fixedToken(accessToken),
        answer: me(),
        tries: 2,
      });
      const found = [mail, userPrincipalName].filter((one) => one?.includes("@") === true) as string[];
      return { objectId: id, addresses: [...new Set(found)] };
    } catch (error) {
      const isRefusal = error instanceof GraphError && error.status < 500 && error.status !== 429;
      return isRefusal ? "refused" : "unreachable";
    }
  };
