// How old what is shown is, and what the weather does to the order.
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

export function showNews(data, now_ms) {
  const text = ageText(data, now_ms);
  byId("age").hidden = !text;
  byId("age").textContent = text;
  const weather = weatherText(data.live ? data.live.weather : null);
  byId("weather").hidden = !weather;
  byId("weather").textContent = weather;
}

// Empty while the news is fresh.
export function ageText(data, now_ms) {
  if (data.isOver(now_ms)) return say("What this phone keeps is too old to tell who is open. Connect once.");
  if (!data.isStale(now_ms)) return "";
  if (!data.live) return say("Live reports cannot be read now; posted hours are shown.");
  const minutes = Math.round((now_ms - Date.parse(data.live.made_at)) / 60_000);
  if (minutes < 120) return say("Live reports are {minutes} min old.", { minutes });
  return say("Live reports are {hours} h old.", { hours: Math.round(minutes / 60) });
}

function weatherText(weather) {
  if (weather === "heat") return say("Hot today: cool rooms, water and stations open day and night come first.");
  if (weather === "cold") return say("Freezing today: warm rooms, water and stations open day and night come first.");
  if (weather === "rain") return say("Heavy rain: dry rooms, water and stations open day and night come first.");
  return "";
}
