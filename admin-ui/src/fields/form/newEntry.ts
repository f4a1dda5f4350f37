import type { TFunction } from 'i18next';
import { ApiError } from '@/api/client';
import { type Entry, findTakenValues, type LoadedEntry, runEntryAction, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { emptyValue } from './emptyItem';
import { serverProblemText } from './serverProblem';
import { EntrySlugs, fillTargets } from './slugs';
import { EntryStore } from './store';
import { toKeys, type Values } from './values';
import { toServer } from './wire';

interface NewEntryOptions {
  model: Model;
  type: ContentType;
  /** The language that it is made in, where the type has languages. */
  locale: string | undefined;
  mayWrite: (name: string) => boolean;
  /** What it begins with, besides what every entry of the type does. */
  initial?: Values;
}

/** An entry that a form makes: what is typed, until it is sent at once. */
export class NewEntry {
  readonly store: EntryStore;
  readonly slugs: EntrySlugs;
  #options: NewEntryOptions;
  /** One that was made but could not be published is published by the next try, not made twice. */
  #draft: LoadedEntry | undefined;

  constructor(options: NewEntryOptions) {
    this.#options = options;
    const { model, type, locale, mayWrite, initial } = options;
    const values: Values = {};
    for (const [name, attribute] of Object.entries(type.attributes)) values[name] = emptyValue(model, attribute);
    Object.assign(values, initial);
    fillTargets(type.attributes, values);
    this.store = new EntryStore(values);
    const documentId = () => this.#draft?.entry.documentId;
    this.slugs = new EntrySlugs({
      store: this.store,
      attributes: type.attributes,
      mayFollow: mayWrite,
      documentId,
      findTaken: (name, asked) => findTakenValues(type, name, asked, { locale, documentId: documentId() }),
    });
  }

  /** Makes it from these attributes. Where the server refuses, what is wrong stands beside its fields. `t` is that of `fields`. */
  async make(names: readonly string[], action: 'draft' | 'publish', t: TFunction<'fields'>): Promise<Entry> {
    const { model, type, locale } = this.#options;
    this.store.setErrors(new Map());
    // Which file it is, and why, stands in its field.
    if (!(await this.store.uploads.settle()))
      throw new ApiError({ status: 400, name: 'UploadError', message: t('media.notUploaded'), details: {} });
    try {
      return await this.slugs.save(async () => {
        const body = toServer(model, type.attributes, this.store.values, this.store.ids, names);
        const precondition = this.#draft ?? 'absent';
        this.#draft = await saveEntry(type, this.#draft?.entry.documentId, body, { precondition, locale });
        const { entry, version } = this.#draft;
        if (action === 'publish')
          await runEntryAction(type, entry.documentId, 'publish', locale ? { locales: [locale] } : {}, { version });
        return entry;
      });
    } catch (error) {
      if (error instanceof ApiError) {
        const found = error.problems.map(({ path, message }) => {
          const key = toKeys(this.store.values, type.attributes, model, path);
          return [key, serverProblemText(t, message)] as const;
        });
        this.store.setErrors(new Map(found.filter(([key]) => key !== '')));
      }
      throw error;
    }
  }
}
