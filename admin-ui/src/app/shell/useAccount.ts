import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { signOut } from '@/api/session';

interface Account {
  /** Whether the colours are the dark ones, chosen here or by the system. */
  isDark: boolean;
  toggleScheme: () => void;
  leave: () => Promise<void>;
}

/** What somebody does with their own session, in the menu of the person and in the palette. */
export function useAccount(): Account {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark';
  return {
    isDark,
    toggleScheme: () => setColorScheme(isDark ? 'light' : 'dark'),
    leave: async () => {
      await signOut(queries);
      await navigate({ to: '/' });
    },
  };
}
