import { useQuery } from '@tanstack/react-query';
import { modelQuery } from '@/api/contentTypes';
import { useLiveTypes } from '../view/useLiveTypes';

interface WatchOptions {
  watched: readonly string[];
  watch: (types: readonly string[]) => void;
  /** Whether the page that watches is still in the frame. */
  ready: boolean;
  tell: (types: readonly string[]) => void;
}

/** Tells a frame which of the types that it watches have changed, as far as whoever looks may read them. It ends when the page in the frame goes. */
export function useWatchedTypes({ watched, watch, ready, tell }: WatchOptions): void {
  // The next page watches nothing yet.
  if (!ready && watched.length > 0) watch([]);
  const model = useQuery({ ...modelQuery, enabled: watched.length > 0 });
  useLiveTypes(model.data, watched, tell);
}
