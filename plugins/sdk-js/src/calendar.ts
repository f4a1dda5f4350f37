// Working time, by calendars that the operator keeps.

import * as raw from "cairn:plugin/calendar@0.1.0";
import { ask } from "./error.js";
import { type Time, instant, millis, text } from "./lower.js";

/** When so many milliseconds of working time have gone by. */
export function addWorkingTime(calendar: string, start: Time, amount: number): Date {
  return new Date(ask(() => raw.addWorkingTime(text(calendar, "calendar"), instant(start, "start"), millis(amount, "amount"))));
}

/** Milliseconds of working time between two times. */
export function workingTimeBetween(calendar: string, start: Time, end: Time): number {
  return ask(() => raw.workingTimeBetween(text(calendar, "calendar"), instant(start, "start"), instant(end, "end")));
}

/** Whether it is working time. */
export function isOpen(calendar: string, at: Time): boolean {
  return ask(() => raw.isOpen(text(calendar, "calendar"), instant(at, "at")));
}
