import { QueryClient } from '@tanstack/react-query';

/** What was read from the server, kept while it may still be true. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 30_000,
      // A refusal stays one; what did not arrive is asked for again, more slowly each time. What the browser says of the network is not believed: the server may be on this very machine.
      retry: (failures, error) => !('status' in error && Number(error.status) < 500) && failures < 2,
    },
    // A change is sent once: whoever made it decides what happens when it was not answered.
    mutations: { retry: false, networkMode: 'always' },
  },
});
