/** What a plugin registers for the settings of members, as the host reads it. */

import * as React from "react";

export interface UserSettingsSection {
  readonly id: string;
  readonly uiName: string;
  readonly icon?: string;
  readonly sections: readonly UserSettings[];
}
export type UserSettings =
  | { readonly title: string; readonly component: React.ComponentType }
  | {
      readonly title: string;
      readonly disabled?: boolean;
      readonly onSubmit?: (changes: Record<string, string>) => void;
      readonly settings: readonly UserSetting[];
    };
export type UserSetting =
  | {
      readonly type: "radio";
      readonly name: string;
      readonly title?: string;
      readonly helpText?: string;
      readonly default: string;
      readonly options: readonly {
        readonly value: string;
        readonly text: string;
        readonly helpText?: string;
      }[];
    }
  | {
      readonly type: "custom";
      readonly name: string;
      readonly title?: string;
      readonly component: React.ComponentType<{ informChange(name: string, value: string): void }>;
    };
