/** A stored choice of this plugin, from the web app's store. */

import { useSelector } from "react-redux";

interface State {
  readonly entities: {
    readonly preferences: { readonly myPreferences: Readonly<Record<string, { value: string } | undefined>> };
  };
}

export const usePreference = (name: string): string =>
  useSelector(
    (state: State) =>
      state.entities.preferences.myPreferences[`pp_mission-collaboration--${name}`]?.value ?? "",
  );
