import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

type Later<Props> = ComponentType<Props & { fallback: ReactNode }> & { preload: () => Promise<void> };

/**
 * A component whose code comes when it is needed, with something in its place until then. Not by `lazy`: React shows what
 * suspended no sooner than a third of a second after the last thing that did, and a page waits for its texts and code as well.
 */
export function later<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): Later<Props> {
  let loaded: ComponentType<Props> | undefined;
  let loading: Promise<void> | undefined;
  const preload = () =>
    (loading ??= load().then(
      (found) => {
        loaded = found.default;
      },
      (error: unknown) => {
        // The next one who asks tries again.
        loading = undefined;
        throw error;
      },
    ));
  function Loaded({ fallback, ...props }: Props & { fallback: ReactNode }) {
    const [Shown, setShown] = useState(() => loaded);
    const [failed, setFailed] = useState<{ error: unknown } | null>(null);
    useEffect(() => {
      let gone = false;
      if (!Shown) {
        preload().then(
          () => gone || setShown(() => loaded),
          (error: unknown) => gone || setFailed({ error }),
        );
      }
      return () => {
        gone = true;
      };
    }, [Shown]);
    // The boundary around the page tells of it, as it does of pages that do not come.
    if (failed) throw failed.error;
    return Shown ? <Shown {...(props as unknown as Props)} /> : fallback;
  }
  return Object.assign(Loaded, { preload });
}
