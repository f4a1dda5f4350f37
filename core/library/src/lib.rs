//! The media library: folders, tags, texts in every locale, search, usages, duplicates, the trash.
