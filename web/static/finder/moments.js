// Minutes since midnight at the beginning of the manifest's first day, in the city's own time,
// whatever the phone's time zone is. Pure: the present is an argument.
import { say } from "./words.js";

export const DAY_MIN = 1440;
const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:?\d\d)?$/;

// The minute of a moment given in milliseconds since 1970 (Date.now()); not whole.
export function minuteNow(manifest, epoch_ms) {
  const there = {};
  for (const { type, value } of clock(manifest.time_zone).formatToParts(new Date(epoch_ms))) there[type] = Number(value);
  const whole_ms = Date.UTC(there.year, there.month - 1, there.day, there.hour % 24, there.minute, there.second);
  const rest_ms = ((epoch_ms % 1000) + 1000) % 1000;
  return (whole_ms + rest_ms - dayStart_ms(manifest.start)) / 60000;
}

// The minute of an ISO moment; one without an offset is in the city's own time. NaN if it is none.
export function minuteOf(manifest, iso) {
  const found = ISO.exec(iso);
  if (!found) return NaN;
  if (found[7]) return minuteNow(manifest, Date.parse(iso));
  const [year, month, day, hour, minute] = found.slice(1, 6).map(Number);
  const second = Number(found[6] || 0);
  return (Date.UTC(year, month - 1, day, hour, minute) - dayStart_ms(manifest.start)) / 60000 + second / 60;
}

// A moment as a worker says it: 22:00, tomorrow 08:30, Monday 08:30. `start` is the manifest's.
export function whenText(minute, seenFrom, start) {
  const days = Math.floor(minute / DAY_MIN) - Math.floor(seenFrom / DAY_MIN);
  const ofDay = Math.floor(minute - Math.floor(minute / DAY_MIN) * DAY_MIN);
  const time = clockText(ofDay);
  if (days === 1 && ofDay === 0) return "24:00";
  if (days <= 0) return time;
  if (days === 1) return say("tomorrow {time}", { time });
  const date = new Date(dayStart_ms(start) + Math.floor(minute / DAY_MIN) * DAY_MIN * 60000);
  if (days < 7) return say("{weekday} {time}", { weekday: weekdayName(date.getUTCDay()), time });
  return say("{month}/{day} {time}", { month: date.getUTCMonth() + 1, day: date.getUTCDate(), time });
}

// A minute of a day as 08:30.
export function clockText(ofDay) {
  const two = (n) => String(n).padStart(2, "0");
  return `${two(Math.floor(ofDay / 60) % 24)}:${two(Math.floor(ofDay) % 60)}`;
}

// Sunday is 0.
export function weekdayName(day) {
  return [
    say("Sunday"), say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"),
  ][day];
}

const dayStart_ms = (day) => Date.parse(`${day}T00:00:00Z`);

const clocks = new Map();
function clock(timeZone) {
  if (!clocks.has(timeZone)) {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    clocks.set(timeZone, new Intl.DateTimeFormat("en-US", { ...parts, timeZone, hourCycle: "h23" }));
  }
  return clocks.get(timeZone);
}
