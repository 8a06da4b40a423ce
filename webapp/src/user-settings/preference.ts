/** Reads a stored choice of this plugin from the web app's store. */

import { useSelector } from "react-redux";
import { PREFERENCE_CATEGORY } from "../../../server/platform/preferences/index.ts";

interface State {
  readonly entities: {
    readonly preferences: { readonly myPreferences: Readonly<Record<string, { value: string } | undefined>> };
  };
}

export const usePreference = (name: string): string =>
  useSelector(
    (state: State) =>
      state.entities.preferences.myPreferences[`${PREFERENCE_CATEGORY}--${name}`]?.value ?? "",
  );
