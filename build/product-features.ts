/** The product's features without a server, to print their declarations. */

import { productFeatures } from "../server/main.ts";
import { createServices } from "../server/people/services.ts";
import type { Feature } from "../server/platform/feature.ts";
import type { DeclaredPermissions } from "../server/platform/permissions.ts";
import { unreachableHost } from "../server/platform/unreachable-host.ts";

const services = () => createServices(unreachableHost(), { id: "mission-collaboration", name: "" }, {});

export const declaredFeatures = (): readonly Feature[] => productFeatures(services()).features;

export function productPermissions(): DeclaredPermissions {
  const made = services();
  productFeatures(made);
  return made.permissions;
}
