// The device's position, asked for once and given to the caller alone. Resolves to { coords }, or to
// { isDenied } when there is none.
export function position() {
  if (!("geolocation" in navigator)) return Promise.resolve({ isDenied: false });
  return new Promise((done) =>
    navigator.geolocation.getCurrentPosition(
      done,
      (error) => done({ isDenied: error.code === error.PERMISSION_DENIED }),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    ),
  );
}
