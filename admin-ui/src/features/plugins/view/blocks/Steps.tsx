import { Text } from '@mantine/core';
import {
  IconCircle,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleDot,
  IconCircleXFilled,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { RelativeTime } from '@/ui/RelativeTime';
import { useLabels } from '../context';
import type { BlockOf } from '../types';
import { BlockSection } from './BlockSection';
import classes from './Steps.module.css';

const SIGNS = {
  done: IconCircleCheckFilled,
  current: IconCircleDot,
  waiting: IconCircle,
  failed: IconCircleXFilled,
  skipped: IconCircleDashed,
};

/** How far something is. */
export function StepsBlock({ block }: { block: BlockOf<'steps'> }) {
  const { t } = useTranslation('pluginView');
  const label = useLabels();
  return (
    <BlockSection label={label(block.label)}>
      <ol className={classes.steps}>
        {block.items.map((step, at) => {
          const Sign = SIGNS[step.state];
          return (
            // eslint-disable-next-line react/no-array-index-key
            <li
              key={at}
              className={classes.step}
              data-state={step.state}
              aria-current={step.state === 'current' ? 'step' : undefined}
            >
              <Sign size={20} className={classes.sign} aria-label={t(`step.${step.state}`)} />
              <div>
                <Text size="sm" fw={step.state === 'current' ? 500 : undefined}>
                  {label(step.label)}
                </Text>
                {step.text && (
                  <Text size="xs" c="dimmed">
                    {label(step.text)}
                  </Text>
                )}
                {step.at && (
                  <Text size="xs" c="dimmed">
                    <RelativeTime at={step.at} />
                  </Text>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </BlockSection>
  );
}
