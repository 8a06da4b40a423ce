/**
 * What a room sends out of the server, for docs/security-and-privacy.md. A room declares it in a file `leaves.ts`
 * beside its code. The product does not load these files: they are read by `npm run generate`.
 */
export interface Leaving {
  readonly to: "Entra" | "Graph" | "Entra, Graph" | "your own site";
  readonly when: string;
  readonly what: string;
}
