import type { ReactNode } from 'react';
import { useSite } from './site.tsx';

/** Problems of a form's fields, by their ids. An empty id stands for the form. */
export type FieldErrors = Record<string, string>;

/** Result of an action for a form that cannot be taken. */
export interface FormProblem {
  errors: FieldErrors;
  /** Values that were filled in. */
  values: Record<string, string>;
}

/** A form that is sent to the page that it is on. */
export function PostForm({
  children,
  action,
  className = 'form',
}: {
  children: ReactNode;
  action?: string;
  className?: string;
}) {
  const { context } = useSite();
  return (
    <form method="post" action={action ?? context.path} className={className} noValidate>
      <input type="hidden" name="token" value={context.formToken} />
      {children}
    </form>
  );
}

/**
 * Lists what is wrong, with links to the fields. Focused when the page opens, so that screen readers begin there. `takesFocus`: false where the
 * field that is wrong has the focus.
 */
export function ErrorSummary({ errors, takesFocus = true }: { errors: FieldErrors; takesFocus?: boolean }) {
  const { t } = useSite();
  const names = Object.keys(errors);
  if (names.length === 0) return null;
  return (
    <div className="problem" role="alert" tabIndex={-1} autoFocus={takesFocus}>
      <h2>{t('form.problem')}</h2>
      <ul>
        {names.map((name) => (
          <li key={name}>{name ? <a href={`#${name}`}>{errors[name]}</a> : errors[name]}</li>
        ))}
      </ul>
    </div>
  );
}

interface FieldProps {
  name: string;
  /** Its id on the page: the name, unless the page has several fields of that name. */
  id?: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  value?: string;
  type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'time';
  autoComplete?: string;
  rows?: number;
  maxLength?: number;
  min?: number;
  max?: number;
  inputMode?: 'numeric';
  optional?: boolean;
  /** True if it has the focus when the page opens. */
  autoFocus?: boolean;
}

/** A field with its label, its hint and what is wrong with it. With `rows` it is a text of several lines. */
export function Field({
  name,
  id = name,
  label,
  hint,
  error,
  value,
  rows,
  type = 'text',
  optional,
  ...input
}: FieldProps) {
  const { t } = useSite();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  const shared = {
    id,
    name,
    defaultValue: value,
    'aria-describedby': described || undefined,
    'aria-invalid': error ? true : undefined,
    'aria-required': optional ? undefined : true,
    ...input,
  };
  return (
    <div className={error ? 'field field-wrong' : 'field'}>
      <label htmlFor={id}>
        {label}
        {optional ? <span className="optional"> ({t('form.optional')})</span> : null}
      </label>
      {hint ? (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className="wrong" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      {rows ? <textarea rows={rows} {...shared} /> : <input type={type} {...shared} />}
    </div>
  );
}

/** A choice of one of several. */
export function RadioGroup({
  name,
  id = name,
  legend,
  error,
  options,
  selected,
  className = 'radios',
}: {
  name: string;
  id?: string;
  legend: string;
  error?: string | undefined;
  options: { value: string; label: ReactNode; lang?: string }[];
  selected: string | undefined;
  className?: string;
}) {
  return (
    <fieldset
      className={error ? 'field field-wrong' : 'field'}
      id={id}
      tabIndex={error ? -1 : undefined}
      aria-describedby={error ? `${id}-error` : undefined}
    >
      <legend>{legend}</legend>
      {error ? (
        <p className="wrong" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      <div className={className}>
        {options.map(({ value, label, lang }) => (
          <label key={value} lang={lang}>
            <input type="radio" name={name} value={value} defaultChecked={value === selected} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Any number of several, each with its own box. */
export function CheckboxGroup({
  name,
  legend,
  hint,
  error,
  options,
  className = 'radios',
}: {
  name: string;
  legend: string;
  hint?: string;
  error?: string | undefined;
  options: { value: string; label: ReactNode; isChecked: boolean }[];
  className?: string;
}) {
  const described = [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ');
  return (
    <fieldset
      className={error ? 'field field-wrong' : 'field'}
      id={name}
      tabIndex={error ? -1 : undefined}
      aria-describedby={described || undefined}
    >
      <legend>{legend}</legend>
      {hint ? (
        <p className="hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className="wrong" id={`${name}-error`}>
          {error}
        </p>
      ) : null}
      <div className={className}>
        {options.map(({ value, label, isChecked }) => (
          <label key={value}>
            <input type="checkbox" name={name} value={value} defaultChecked={isChecked} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One of a list that is too long to show. */
export function Select({
  name,
  label,
  hint,
  error,
  options,
  selected,
}: {
  name: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  options: { value: string; label: string }[];
  selected: string;
}) {
  const described = [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className={error ? 'field field-wrong' : 'field'}>
      <label htmlFor={name}>{label}</label>
      {hint ? (
        <p className="hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className="wrong" id={`${name}-error`}>
          {error}
        </p>
      ) : null}
      <select
        id={name}
        name={name}
        defaultValue={selected}
        aria-describedby={described || undefined}
        aria-invalid={error ? true : undefined}
      >
        {options.map(({ value, label: text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A message about what was just done. */
export function Notice({ children, kind = 'done' }: { children: ReactNode; kind?: 'done' | 'info' }) {
  return (
    <p className={`notice notice-${kind}`} role="status">
      {children}
    </p>
  );
}
