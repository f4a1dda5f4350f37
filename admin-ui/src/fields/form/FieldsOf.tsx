import { createElement, useContext } from 'react';
import { FieldsContext, type FieldsProps } from './context';

/** The fields of a component, drawn by the form around it. */
export function FieldsOf(props: FieldsProps) {
  const FieldsComponent = useContext(FieldsContext);
  if (!FieldsComponent) throw new Error('A component field is outside of a form');
  return createElement(FieldsComponent, props);
}
