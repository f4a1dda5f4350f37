import { type ComponentType, useReducer } from 'react';
import { ErrorMessage } from './ErrorMessage';

/**
 * A component in a file of its own, to be drawn once `ready` has been waited for. Unlike `lazy`, which draws nothing first: what takes the focus when
 * it opens finds something to focus, and React does not hold it back for a third of a second. Where the file cannot be had it says so, in its place.
 */
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let Part: ComponentType<Props> | undefined;
  let failed: unknown;
  const ready = async (): Promise<void> => {
    try {
      Part ??= await load();
      failed = undefined;
    } catch (cause) {
      failed = cause;
    }
  };
  function OnDemand(props: Props) {
    const [, again] = useReducer((times: number) => times + 1, 0);
    if (Part) return <Part {...props} />;
    return failed === undefined ? null : <ErrorMessage error={failed} retry={() => void ready().then(again)} />;
  }
  return Object.assign(OnDemand, { ready });
}
