import type { AssetChange, AssetDetail, AssetTexts } from '@/api/assets';

/** What can be edited of a file. `folder` 0: in none. */
export interface EditedDetails {
  name: string;
  folder: number;
  tags: string[];
  private: boolean;
  texts: Record<string, AssetTexts>;
}

export function readDetails(file: AssetDetail): EditedDetails {
  return {
    name: file.name,
    folder: file.folder?.id ?? 0,
    tags: file.tags,
    private: file.private,
    texts: file.texts,
  };
}

const NO_TEXTS: AssetTexts = { alternativeText: null, caption: null };

function sameTexts(one: AssetTexts = NO_TEXTS, other: AssetTexts = NO_TEXTS): boolean {
  return one.alternativeText === other.alternativeText && one.caption === other.caption;
}

/** What was changed of a file, and nothing else: the rest stays as others made it. */
export function changesOf(file: AssetDetail, edited: EditedDetails): AssetChange {
  const before = readDetails(file);
  const name = edited.name.trim();
  const texts = Object.entries(edited.texts).filter(([locale, text]) => !sameTexts(text, before.texts[locale]));
  return {
    ...(name !== '' && name !== before.name ? { name } : {}),
    ...(edited.folder === before.folder ? {} : { folder: edited.folder }),
    ...(JSON.stringify(edited.tags) === JSON.stringify(before.tags) ? {} : { tags: edited.tags }),
    ...(edited.private === before.private ? {} : { private: edited.private }),
    ...(texts.length > 0 ? { texts: Object.fromEntries(texts) } : {}),
  };
}
