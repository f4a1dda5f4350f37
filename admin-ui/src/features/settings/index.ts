// What pages of the settings are made of, for other features that have some.
export { ConfirmTyped } from './parts/ConfirmTyped';
export { Facts } from './parts/Facts';
export { JsonBlock } from './parts/JsonBlock';
export { MoreRows } from './parts/MoreRows';
export { problemAt, problemsOf } from './parts/problems';
export { QueryState } from './parts/QueryState';
export { SecretOnce } from './parts/SecretOnce';
export { Section } from './parts/Section';
export { SettingsForm } from './parts/SettingsForm';
export { StateBadge, type Tone } from './parts/StateBadge';
export { TableScroll } from './parts/TableScroll';
export { TextLink } from './parts/TextLink';
export { useContentTypes } from './parts/useContentTypes';
export { useMay } from './parts/useMay';
export { useUndo } from './parts/useUndo';
