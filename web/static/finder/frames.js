// Coordinate frames: WGS 84 to those of the Chinese map apps, as in geodata.frames. Pure.
// Outside the box 72.004-137.8347 E, 0.8293-55.8271 N the public formula shifts nothing.
const A_M = 6378245;
const EE = 0.00669342162296594323;
const BD_TURN = (Math.PI * 3000) / 180;

const { PI, sin, cos, sqrt, abs } = Math;
const isInChina = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

// GCJ-02: Amap, Tencent.
export function toGcj02({ lon_deg, lat_deg }) {
  if (!isInChina(lon_deg, lat_deg)) return { lon_deg, lat_deg };
  const x = lon_deg - 105;
  const y = lat_deg - 35;
  const wave = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  const root = sqrt(abs(x));
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root +
    ((wave + 20 * sin(y * PI) + 40 * sin((y / 3) * PI) + 160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root +
    ((wave + 20 * sin(x * PI) + 40 * sin((x / 3) * PI) + 150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const phi = (lat_deg * PI) / 180;
  const magic = 1 - EE * sin(phi) ** 2;
  return {
    lon_deg: lon_deg + ((east * sqrt(magic)) / (A_M * cos(phi))) * (180 / PI),
    lat_deg: lat_deg + ((north * magic * sqrt(magic)) / (A_M * (1 - EE))) * (180 / PI),
  };
}

// BD-09: Baidu.
export function toBd09(place) {
  const { lon_deg, lat_deg } = toGcj02(place);
  if (!isInChina(lon_deg, lat_deg)) return { lon_deg, lat_deg };
  const radius = Math.hypot(lon_deg, lat_deg) + 0.00002 * sin(lat_deg * BD_TURN);
  const angle = Math.atan2(lat_deg, lon_deg) + 0.000003 * cos(lon_deg * BD_TURN);
  return { lon_deg: radius * cos(angle) + 0.0065, lat_deg: radius * sin(angle) + 0.006 };
}
