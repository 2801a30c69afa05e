// The state of a door in the reader's words: the same sentences as in web.words. Pure.
import { whenText } from "./moments.js";
import { language, say } from "./words.js";

const SOON_MIN = 30;
const CROWD_MIN = 30;

// What a worker who sets out at a minute will find at the door, and which holiday decides.
export function stateText(hit, minute) {
  let found = { open, closed, unknown }[hit.state](hit, minute);
  for (const reason of because(hit)) found = say("{state} ({reason})", { state: found, reason });
  return found;
}

export function shortState(hit) {
  return { open: say("Open"), closed: say("Closed"), unknown: say("Not sure") }[hit.state];
}

// How full it is, as people said: empty, some or full; null where that is not known or too old.
// `saidMinute` is moments.minuteOf of the moment in `live.crowd`.
export function crowdAt(live, saidMinute, minute) {
  if (!live || !live.crowd) return null;
  const age = minute - saidMinute;
  return age >= 0 && age < CROWD_MIN ? { level: live.crowd[0], age_min: Math.floor(age) } : null;
}

function open(hit, minute) {
  if (hit.until === null) return say("Open around the clock");
  const time = whenText(hit.until, minute, hit.start);
  const left = hit.until - hit.arrival;
  if (left <= SOON_MIN)
    return say("Open until {time}: {minutes} min left when you arrive", { time, minutes: Math.floor(left) });
  if (hit.now_state === "open") return say("Open now, until {time}", { time });
  return say("Open when you arrive, until {time}", { time });
}

function closed(hit, minute) {
  const kept = keptClosed(hit.why);
  if (kept) return kept;
  const forNow = hit.why === "temporarily_closed";
  const reason = say("Closed for now: {reason}", { reason: hit.note });
  if (hit.next_open === null) return forNow && hit.note ? reason : say("Closed");
  const time = whenText(hit.next_open, minute, hit.start);
  if (hit.why === "no_staff")
    return say("The door is open, but nobody is there to let you in until {time}", { time });
  if (forNow && hit.note) return say("{state}, opens {time}", { state: reason, time });
  if (hit.now_state === "open") return say("Closed when you arrive, opens {time}", { time });
  return say("Closed, opens {time}", { time });
}

function keptClosed(why) {
  if (why === "planned") return say("Planned, not open yet");
  if (why === "building") return say("Being built, not open yet");
  if (why === "suspended") return say("Out of service for now");
  if (why === "moved") return say("Moved away");
  if (why === "revoked") return say("No longer a station");
  return why === "never_opens" ? say("Does not open in the next four weeks") : "";
}

function unknown(hit) {
  const holiday = holidayName(hit.holiday);
  if (hit.why === "no_hours") return say("Not sure: no opening hours on record");
  if (hit.why === "doubted") return say("Not sure: several people found it shut in its hours");
  if (hit.why === "public_holiday_not_stated")
    return say("Not sure: {holiday}, and its hours are not on record", { holiday });
  if (hit.why === "moved_working_day_unclear")
    return say("Not sure: a weekend day that is worked for {holiday}", { holiday });
  if (hit.why === "school_holidays_unknown") return say("Not sure: other hours in school holidays");
  if (hit.why === "out_of_date") return say("Not sure: what this phone keeps is too old; connect once");
  return say("Not sure: the recorded hours are not definite");
}

function because(hit) {
  const found = [];
  if (hit.holiday && hit.state !== "unknown") {
    const holiday = holidayName(hit.holiday);
    found.push(
      hit.holiday.is_worked ? say("a day worked for {holiday}", { holiday }) : say("day off: {holiday}", { holiday }),
    );
  }
  if (hit.is_predicted) found.push(say("the calendar of that year is not announced yet"));
  return found;
}

function holidayName(holiday) {
  if (!holiday) return "";
  return language() === "zh" ? holiday.zh : holiday.en;
}
