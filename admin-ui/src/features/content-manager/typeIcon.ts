import { IconFile, IconFiles } from '@tabler/icons-react';
import type { ContentType } from '@/api/model';
import type { Icon } from '@/ui/icon';
import { iconNamed } from '@/ui/namedIcon';

/** The icon of a content type: the one that its schema file names, else that of its kind. */
export function iconOfType({ kind, info }: Pick<ContentType, 'kind' | 'info'>): Icon {
  return iconNamed(info.icon, kind === 'singleType' ? IconFile : IconFiles);
}
