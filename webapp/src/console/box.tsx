/** A part that opens and closes. A button and no `<details>`: the web app has rules of its own for every summary. */

import * as React from "react";

export interface BoxProps {
  readonly title: string;
  /** For tests and for the way to a part: `data-part`. */
  readonly part?: string;
  readonly onOpen?: () => void;
  readonly children: React.ReactNode;
}

export function Box({ title, part, onOpen, children }: BoxProps): React.ReactElement {
  const [open, setOpen] = React.useState(false);
  const toggle = () => {
    setOpen(!open);
    if (!open) onOpen?.();
  };
  return (
    <div className="mc-box" data-box="" data-part={part}>
      <button type="button" className="mc-box-head" aria-expanded={open} onClick={toggle}>
        {title}
      </button>
      {/* Closed parts stay mounted: their fields publish what was typed there. */}
      <div className="mc-box-body" hidden={!open}>
        {children}
      </div>
    </div>
  );
}
