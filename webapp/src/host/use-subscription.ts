/** React 17 has no useSyncExternalStore, and the host may be on it. */

import * as React from "react";

export function useSubscription<T>(subscribe: (listener: () => void) => () => void, read: () => T): T {
  const [value, setValue] = React.useState(read);
  React.useEffect(() => {
    setValue(() => read());
    return subscribe(() => setValue(() => read()));
  }, [subscribe, read]);
  return value;
}
