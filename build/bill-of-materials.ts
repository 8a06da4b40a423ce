/**
 * Writes the shipped packages as CycloneDX 1.5 (cyclonedx.org/docs/1.5/json), from package-lock.json. `npm sbom`
 * cannot do it: with --omit=dev, npm 11 leaves out packages that a development package needs too (ajv and nine
 * others), and it names the product after the folder of the checkout.
 */

import { join } from "node:path";
import { root } from "./architecture.ts";
import { shippedPackages } from "./licences.ts";

export async function billOfMaterials(): Promise<string> {
  const { name, version, description, license } = await Bun.file(join(root, "package.json")).json();
  // A package may occur twice in the tree.
  const packages = [
    ...new Map((await shippedPackages()).map((one) => [`${one.name}@${one.version}`, one])).values(),
  ];
  const sbom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `${name}@${version}`,
        name,
        version,
        description,
        ...licensed(license),
      },
    },
    components: [
      ...packages.map((one) => ({
        type: "library",
        "bom-ref": `${one.name}@${one.version}`,
        name: one.name,
        version: one.version,
        purl: `pkg:npm/${one.name.replace("@", "%40")}@${one.version}`,
        hashes: [{ alg: "SHA-512", content: hex(one.integrity) }],
        ...licensed(one.license),
      })),
      // The runtime inside the executable.
      {
        type: "platform",
        "bom-ref": `bun@${Bun.version}`,
        name: "bun",
        version: Bun.version,
        purl: `pkg:npm/bun@${Bun.version}`,
        ...licensed("MIT"),
      },
    ],
  };
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

/** An SPDX id, an expression of several, or text if the package names none (its licence is in the bundle). */
function licensed(license: string) {
  if (/ (OR|AND) /.test(license)) return { licenses: [{ expression: license }] };
  return { licenses: [{ license: license.includes(" ") ? { name: license } : { id: license } }] };
}

const hex = (integrity: string) => Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
