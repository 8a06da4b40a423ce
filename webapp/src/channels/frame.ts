import type { DialogProps } from "../host/dialog.tsx";

/** What every state of the dialog has around it. */
export type Frame = Pick<DialogProps, "title" | "close" | "rightToLeft" | "onClose">;
