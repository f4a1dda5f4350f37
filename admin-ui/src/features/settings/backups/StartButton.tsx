import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props extends ButtonProps {
  /** Something else goes on. */
  busy: boolean;
  onClick: () => void;
  'aria-label'?: string;
}

/** A button that waits while the server has something in hand. It can be reached then, or nobody would hear why. */
export function StartButton({ busy, onClick, ...rest }: Props) {
  const { t } = useTranslation('backups');
  return (
    <Tooltip label={t('busy')} disabled={!busy} events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...rest}
        data-disabled={busy || undefined}
        aria-disabled={busy || undefined}
        onClick={(event) => (busy ? event.preventDefault() : onClick())}
      />
    </Tooltip>
  );
}
