import { Button, Group, Modal, NumberInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AssetDetail, changeAsset, readAsset } from '@/api/assets';
import { COMMON_RATIOS, cropPosition } from './crop';
import { safeUrl } from './files';
import classes from './FocalPoint.module.css';

interface FocalPointProps {
  documentId: string;
  onClose: () => void;
  onSaved: (asset: AssetDetail) => void;
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
      size={asset.data?.kind === 'image' ? 'xl' : 'lg'}
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
  onSaved: (asset: AssetDetail) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('fields');
  const [point, setPoint] = useState(asset.focalPoint ?? { x: 50, y: 50 });
  // An SVG may be without a size until it is drawn.
  const [size, setSize] = useState(
    asset.width && asset.height ? { width: asset.width, height: asset.height } : undefined,
  );
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
  const pointAt = (event: PointerEvent<HTMLElement>) => {
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
      const saved = await changeAsset(asset.documentId, change);
      onSaved({ ...asset, ...saved, focalPoint: asset.kind === 'image' ? point : asset.focalPoint });
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
          <div className={classes.pointing}>
            <button
              type="button"
              className={classes.focal}
              aria-label={t('media.focalAt', { x: point.x, y: point.y })}
              onPointerDown={(event) => {
                // What is pressed goes on being moved outside of the picture.
                event.currentTarget.setPointerCapture?.(event.pointerId);
                pointAt(event);
              }}
              onPointerMove={(event) => {
                if (event.buttons > 0) pointAt(event);
              }}
              onKeyDown={onKeyDown}
            >
              <img
                src={picture}
                alt=""
                draggable={false}
                onLoad={(event) => {
                  const { naturalWidth: width, naturalHeight: height } = event.currentTarget;
                  if (width > 0 && height > 0) setSize({ width, height });
                }}
              />
              <span className={classes.point} style={{ left: `${point.x}%`, top: `${point.y}%` }} />
            </button>
            {size && <Crops picture={picture} size={size} point={point} />}
          </div>
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

interface CropsProps {
  picture: string;
  size: { width: number; height: number };
  point: { x: number; y: number };
}

/** What is left of a picture in the shapes that websites cut it to. */
function Crops({ picture, size, point }: CropsProps) {
  const { t } = useTranslation('fields');
  return (
    <div className={classes.crops} role="group" aria-label={t('media.crops')}>
      {COMMON_RATIOS.map((ratio) => {
        const { x, y } = cropPosition(size, ratio, point);
        return (
          <figure key={ratio.name} className={classes.crop}>
            <img
              src={picture}
              alt=""
              draggable={false}
              style={{ aspectRatio: `${ratio.width} / ${ratio.height}`, objectPosition: `${x}% ${y}%` }}
            />
            <figcaption>{ratio.name}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}
