import type * as React from "react";

export interface PageProps {
  /** The fields of these settings, in this order; those that the host does not show are left out. */
  readonly fields: (...keys: string[]) => React.ReactNode;
}
