import { Button, Group, Modal, NumberInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type MouseEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Asset, type AssetDetail, changeAsset, readAsset } from '@/api/assets';
import { safeUrl } from './files';
import classes from './Media.module.css';

interface FocalPointProps {
  documentId: string;
  onClose: () => void;
  onSaved: (asset: Asset) => void;
}

/** What a picture says in words, and what of it must stay when it is cut. It belongs to the file, wherever it is used. */
export default function FocalPoint({ documentId, onClose, onSaved }: FocalPointProps) {
  const { t } = useTranslation('fields');
  const asset = useQuery({
    queryKey: ['assets', 'one', documentId],
    queryFn: ({ signal }) => readAsset(documentId, signal),
    staleTime: 0,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('media.describeTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {asset.isError && <Text c="red">{asset.error.message}</Text>}
      {asset.data && (
        <FocalPointForm key={asset.data.documentId} asset={asset.data} onSaved={onSaved} onClose={onClose} />
      )}
    </Modal>
  );
}

const clampPercent = (value: number) => Math.round(Math.max(0, Math.min(100, value)));

function FocalPointForm({
  asset,
  onSaved,
  onClose,
}: {
  asset: AssetDetail;
  onSaved: (asset: Asset) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('fields');
  const [point, setPoint] = useState(asset.focalPoint ?? { x: 50, y: 50 });
  const [alt, setAlt] = useState(asset.alternativeText ?? '');
  const [caption, setCaption] = useState(asset.caption ?? '');
  const [error, setError] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const move = (x: number, y: number) => setPoint({ x: clampPercent(x), y: clampPercent(y) });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 10 : 1;
    const by: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const [x, y] = by[event.key] ?? [0, 0];
    if (x === 0 && y === 0) return;
    event.preventDefault();
    move(point.x + x, point.y + y);
  };
  const onClick = (event: MouseEvent<HTMLElement>) => {
    // Pressed by the keyboard it has no place.
    if (event.detail === 0) return;
    const rect = event.currentTarget.getBoundingClientRect();
    move(((event.clientX - rect.left) / rect.width) * 100, ((event.clientY - rect.top) / rect.height) * 100);
  };
  const save = async () => {
    setSaving(true);
    setError(null);
    try {
      const change = {
        alternativeText: alt || null,
        caption: caption || null,
        ...(asset.kind === 'image' ? { focalPoint: point } : {}),
      };
      onSaved({ ...asset, ...(await changeAsset(asset.documentId, change)) });
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setSaving(false);
    }
  };
  const picture = safeUrl(asset.url);
  return (
    <Stack gap="sm">
      <TextInput
        data-autofocus
        label={t('media.alt')}
        description={t('media.altHelp')}
        value={alt}
        onChange={(event) => setAlt(event.currentTarget.value)}
      />
      <Textarea
        autosize
        label={t('media.caption')}
        value={caption}
        onChange={(event) => setCaption(event.currentTarget.value)}
      />
      {picture && asset.kind === 'image' && (
        <div>
          <Text size="sm" fw={500}>
            {t('media.focalPoint')}
          </Text>
          <Text size="xs" c="dimmed" mb={4}>
            {t('media.focalHelp')}
          </Text>
          <button
            type="button"
            className={classes.focal}
            style={{ padding: 0, border: 0 }}
            aria-label={t('media.focalAt', { x: point.x, y: point.y })}
            onClick={onClick}
            onKeyDown={onKeyDown}
          >
            <img src={picture} alt="" draggable={false} />
            <span className={classes.point} style={{ left: `${point.x}%`, top: `${point.y}%` }} />
          </button>
          <Group gap="xs" mt={4}>
            <NumberInput
              label={t('media.fromLeft')}
              suffix=" %"
              min={0}
              max={100}
              w={120}
              value={point.x}
              onChange={(x) => move(Number(x), point.y)}
            />
            <NumberInput
              label={t('media.fromTop')}
              suffix=" %"
              min={0}
              max={100}
              w={120}
              value={point.y}
              onChange={(y) => move(point.x, Number(y))}
            />
          </Group>
        </div>
      )}
      {error && (
        <Text c="red" role="alert">
          {error}
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button loading={saving} onClick={() => void save()}>
          {t('save')}
        </Button>
      </Group>
    </Stack>
  );
}
