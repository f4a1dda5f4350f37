import { type ComponentType, type FunctionComponent, lazy, type ReactNode, useEffect, useState } from 'react';

type LazyPart<Props> = FunctionComponent<Props & { fallback?: ReactNode }> & { preload: () => Promise<void> };

/**
 * A component in a chunk of its own, loaded when it is first rendered or before, by `preload`. Without `fallback` it suspends. With `fallback` it
 * renders that until it has loaded, and itself at once if it has: React reveals what suspended up to a third of a second late, and what takes the
 * focus when it opens needs something to focus. If it cannot be loaded, it throws to the error boundary around it (`PartBoundary`).
 */
export function lazyPart<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): LazyPart<Props> {
  let loaded: ComponentType<Props> | undefined;
  let loading: Promise<void> | undefined;
  const preload = () =>
    (loading ??= load().then(
      (loadedModule) => {
        loaded = loadedModule.default;
      },
      (error: unknown) => {
        // The next one who asks tries again.
        loading = undefined;
        throw error;
      },
    ));
  function Waiting({ fallback, props }: { fallback: ReactNode; props: Props }) {
    const [Shown, setShown] = useState(() => loaded);
    const [failed, setFailed] = useState<{ error: unknown } | null>(null);
    useEffect(() => {
      let unmounted = false;
      if (!Shown) {
        preload().then(
          () => unmounted || setShown(() => loaded),
          (error: unknown) => unmounted || setFailed({ error }),
        );
      }
      return () => {
        unmounted = true;
      };
    }, [Shown]);
    if (failed) throw failed.error;
    return Shown ? <Shown {...props} /> : fallback;
  }
  const Suspending = lazy(load) as unknown as ComponentType<Props>;
  function Part({ fallback, ...rest }: Props & { fallback?: ReactNode }) {
    const props = rest as unknown as Props;
    return fallback === undefined ? <Suspending {...props} /> : <Waiting fallback={fallback} props={props} />;
  }
  return Object.assign(Part, { preload });
}
