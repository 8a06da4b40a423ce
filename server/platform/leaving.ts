/**
 * The data that a part of the product sends out of the server, for docs/security-and-privacy.md. A part declares it
 * in a file `leaves.ts` beside its code. The product does not load these files; `npm run generate` reads them.
 */
export interface Leaving {
  readonly to: "Entra" | "Graph" | "Entra, Graph" | "your own site";
  readonly when: string;
  readonly what: string;
}
