/**
 * The host's react-redux (window.ReactRedux): declares the one function we use, so that the package need not be
 * installed.
 */
declare module "react-redux" {
  export function useSelector<State, Value>(selector: (state: State) => Value): Value;
}
