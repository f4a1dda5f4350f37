import { IconFile, IconFileText, IconMovie, IconMusic, IconPhoto } from '@tabler/icons-react';
import type { Asset } from '@/api/assets';
import { safeUrl } from '@/fields/media/files';

const ICONS = {
  image: IconPhoto,
  video: IconMovie,
  audio: IconMusic,
  document: IconFileText,
  model: IconFile,
  other: IconFile,
};

/** A small picture of a file, or what kind it is. Its name stands beside it, so the picture says nothing more. */
export function Thumbnail({ file }: { file: Pick<Asset, 'kind' | 'thumbnailUrl' | 'url' | 'deletedAt'> }) {
  const picture = file.deletedAt ? null : safeUrl(file.thumbnailUrl);
  if (picture) return <img src={picture} alt="" loading="lazy" draggable={false} />;
  const Icon = ICONS[file.kind] ?? IconFile;
  return <Icon size={28} stroke={1.25} aria-hidden />;
}
