// Hand a station on: its address and its name, never where somebody is.

// The address of a station, whole; what its reader has chosen (language, view, needs) stays away.
export function shareAddress(station, origin = location.origin) {
  const path = station.code ? `/s/${encodeURIComponent(station.code)}` : `/stations/${station.id.split("/").map(encodeURIComponent).join("/")}`;
  return origin + path;
}

// Resolves to "shared", "copied", "dismissed" (the reader thought better of it) or "shown" (nothing
// could be done: show the address).
export async function share(station, { device = navigator } = {}) {
  const url = shareAddress(station);
  if (device.share) {
    try {
      await device.share({ title: station.name, url });
      return "shared";
    } catch (error) {
      if (error.name === "AbortError") return "dismissed";
    }
  }
  try {
    await device.clipboard.writeText(url);
    return "copied";
  } catch {
    return "shown";
  }
}
