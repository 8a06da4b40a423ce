/** Functions that a national cloud does not offer (docs/facts/microsoft-chat.md 8). */

import type { Cloud } from "../../../microsoft/clouds/clouds.ts";

export const mayEdit = ({ name }: Pick<Cloud, "name">) => name === "commercial" || name === "custom";
export const mayDelete = ({ name }: Pick<Cloud, "name">) => name !== "gcchigh" && name !== "dod";
/** One read for all channels of a team. */
export const hasGetAllMessages = ({ name }: Pick<Cloud, "name">) => name !== "china";
