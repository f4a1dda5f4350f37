import { expect, test } from 'vitest';
import { ApiError } from '@/api/ApiError';
import { calendarProblems, problemOf, problemsBelow } from './calendarProblems';

test('problems of one calendar are found by paths in it', () => {
  const errors = [
    { path: ['night', 'hours', 'tuesday', '0'], message: 'overlaps' },
    { path: ['night', 'hours', 'tuesday'], message: 'too many' },
    { path: ['night'], message: 'bad name' },
    { path: ['nightly', 'zone'], message: 'of another' },
  ].map((error) => ({ ...error, name: 'ValidationError' }));
  const error = new ApiError({ status: 400, name: 'ValidationError', message: 'wrong', details: { errors } });
  const problems = calendarProblems(error, 'night');
  expect(problems).toEqual([
    { path: 'hours.tuesday.0', message: 'overlaps' },
    { path: 'hours.tuesday', message: 'too many' },
    { path: '', message: 'bad name' },
  ]);
  expect(problemOf(problems, 'hours.tuesday')).toBe('too many');
  expect(problemsBelow(problems, 'hours.tuesday')).toBe('overlaps too many');
  expect(problemsBelow([...problems, ...problems], 'hours.tuesday.0')).toBe('overlaps');
  expect(problemOf(problems, 'hours')).toBeUndefined();
});
