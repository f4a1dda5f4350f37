import { Button, Code, CopyButton, Group, NumberInput, Select, Stack, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AssetDetail, signPictures } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { isListed, type Picture, pictureQuery } from './picture';

/** The address of a file, and of a picture in another size. */
export function AddressSection({ file, url }: { file: AssetDetail; url: string }) {
  const { t } = useTranslation('media');
  const [picture, setPicture] = useState<Picture>({});
  const query = pictureQuery(picture);
  const sign = useMutation({ mutationFn: () => signPictures(file.documentId, [query]) });
  const listed = isListed(picture);
  const plain = absoluteUrl(query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url);
  const signed = sign.data?.[0];
  const address = !query || (listed && !file.private) ? plain : signed ? absoluteUrl(signed) : undefined;
  const set = (change: Partial<Picture>): void => {
    sign.reset();
    setPicture((now) => ({ ...now, ...change }));
  };
  return (
    <section aria-labelledby="file-address">
      <Title order={3} id="file-address" mb="xs">
        {t('address.title')}
      </Title>
      <Stack gap="xs">
        {file.kind === 'image' && (
          <Group gap="xs" align="end">
            <NumberInput
              w={110}
              label={t('address.width')}
              min={1}
              max={4096}
              value={picture.w ?? ''}
              onChange={(value) => set({ w: parsePixels(value) })}
            />
            <NumberInput
              w={110}
              label={t('address.height')}
              min={1}
              max={4096}
              value={picture.h ?? ''}
              onChange={(value) => set({ h: parsePixels(value) })}
            />
            <Select
              w={150}
              clearable
              label={t('address.format')}
              placeholder={t('address.best')}
              data={['avif', 'webp', 'jpeg', 'png']}
              value={picture.format ?? null}
              onChange={(format) => set({ format: format ?? undefined })}
            />
            <NumberInput
              w={110}
              label={t('address.quality')}
              min={1}
              max={100}
              value={picture.q ?? ''}
              onChange={(value) => set({ q: parsePixels(value) })}
            />
          </Group>
        )}
        {sign.error && <ErrorMessage error={sign.error} />}
        {address ? (
          <Group gap="xs" wrap="nowrap" align="start">
            <Code block style={{ flex: 1, minWidth: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {address}
            </Code>
            <CopyButton value={address}>
              {({ copied, copy }) => (
                <Button variant="default" size="xs" onClick={copy}>
                  {t(copied ? 'address.copied' : 'address.copy')}
                </Button>
              )}
            </CopyButton>
          </Group>
        ) : (
          <Group>
            <Button variant="default" size="xs" loading={sign.isPending} onClick={() => sign.mutate()}>
              {t('address.sign')}
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  );
}

function parsePixels(value: string | number): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function absoluteUrl(path: string): string {
  return new URL(path, window.location.origin).href;
}
