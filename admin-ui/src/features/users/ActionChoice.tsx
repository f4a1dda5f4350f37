import { Checkbox, SimpleGrid, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { QueryState } from '@/features/settings';

interface Props {
  /** What there is to choose from. */
  query: UseQueryResult<{ code: string; description: string }[]>;
  value: string[];
  onChange: (actions: string[]) => void;
  readOnly?: boolean;
}

/** What may be done beside content, by area. */
export function ActionChoice({ query, value, onChange, readOnly = false }: Props) {
  const { t } = useTranslation('users');
  return (
    <QueryState query={query}>
      {(all) => {
        const areas = [...new Set(all.map(({ code }) => code.split('.')[0] ?? code))];
        return (
          <Checkbox.Group value={value} onChange={onChange} aria-label={t('role.actions')}>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg">
              {areas.map((area) => (
                <Stack key={area} gap="xs">
                  <Text size="sm" fw={600} component="h3" m={0}>
                    {t(`area.${area}`, { defaultValue: area })}
                  </Text>
                  {all
                    .filter(({ code }) => code.startsWith(`${area}.`))
                    .map(({ code, description }) => (
                      <Checkbox
                        key={code}
                        value={code}
                        label={t(`right.${code.replaceAll('.', '_')}`, { defaultValue: description })}
                        disabled={readOnly}
                      />
                    ))}
                </Stack>
              ))}
            </SimpleGrid>
          </Checkbox.Group>
        );
      }}
    </QueryState>
  );
}
