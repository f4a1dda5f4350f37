import { useQueries } from '@tanstack/react-query';

/** What a server may lack. */
interface MaybeAvailable {
  id: string;
  available?: () => Promise<boolean>;
}

/** Of what is offered all that this server has; what has to be asked for comes once it is known to be there. */
export function useAvailable<Offered extends MaybeAvailable>(offered: readonly Offered[]): Offered[] {
  const checked = offered.filter((one) => one.available);
  const answers = useQueries({
    queries: checked.map((one) => ({
      queryKey: ['available', one.id],
      queryFn: async () => (await one.available?.()) ?? true,
      staleTime: 5 * 60_000,
      retry: false,
    })),
  });
  return offered.filter((one) => !one.available || answers[checked.indexOf(one)]?.data === true);
}
