import { Alert, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { StageRefusedError } from './moveToStage';
import { useObstacleText } from './useObstacleText';

/** What a document still needs before it may go to a stage. */
export function StageRefusedMessage({ refused: { from, to, why } }: { refused: StageRefusedError }) {
  const { t } = useTranslation('views');
  const describe = useObstacleText();
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('stage.refused', { stage: to })}
      mb="xs"
    >
      {why.length === 0 ? (
        <Text size="sm">{t('stage.noWay', { from: from ?? '', to })}</Text>
      ) : (
        <List size="sm">
          {why.map(describe).map((reason) => (
            <List.Item key={reason}>{reason}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
