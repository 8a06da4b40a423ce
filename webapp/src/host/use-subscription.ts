/** A replacement for useSyncExternalStore, which React 17, one of the possible hosts, does not have. */

import * as React from "react";

export function useSubscription<T>(subscribe: (listener: () => void) => () => void, read: () => T): T {
  const [value, setValue] = React.useState(read);
  React.useEffect(() => {
    setValue(() => read());
    return subscribe(() => setValue(() => read()));
  }, [subscribe, read]);
  return value;
}
