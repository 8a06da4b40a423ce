/** A post as a tree. Closed sets: a consumer's `switch` over `kind` is complete or does not compile. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  /** `mark`: the character that was typed, `*` or `_`; the server's mention rules tell them apart. */
  | { readonly kind: "emphasis" | "strong"; readonly mark: "*" | "_"; readonly children: readonly Inline[] }
  | { readonly kind: "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  /** A new line: Mattermost shows a single newline as one. */
  | { readonly kind: "break" }
  /** `:name:`, known or not. */
  | { readonly kind: "emoji"; readonly name: string }
  /** `bare`: the address itself was typed, without brackets. `url` has any scheme, or none; it is percent-encoded. */
  | {
      readonly kind: "link";
      readonly url: string;
      readonly bare: boolean;
      readonly children: readonly Inline[];
    }
  | { readonly kind: "image"; readonly url: string; readonly children: readonly Inline[] };

export interface ListItem {
  /** As it was typed, without the full stop: "24". `null` in a list of bullets. */
  readonly number: string | null;
  /** A task list's box: checked or not. `null`: no box. */
  readonly checked: boolean | null;
  readonly children: readonly Block[];
}

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly ListItem[] }
  /** `language`: the first word after the fence, or empty; `latex` and `tex` are formulas in Mattermost. */
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | {
      readonly kind: "table";
      readonly head: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly kind: "rule" };

export type Cell = readonly Inline[];
