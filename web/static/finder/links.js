// Links to map apps that lead to a place, each in its app's own frame. Only the place is in them,
// never where somebody is: the app itself knows that. Pure.
//
// Amap: lbs.amap.com/api/uri-api/guide/travel/route; Baidu: lbsyun.baidu.com/index.php?title=uri/api/web
// (its `direction` wants an origin, so this is `marker`, which offers the way there); Tencent:
// lbs.qq.com/webApi/uriV1/uriGuide/uriWebRoute; geo: RFC 5870 with the name as Android reads it.
import { toBd09, toGcj02 } from "./frames.js";

const SOURCE = "yizhan";
const AMAP_MODES = { walk: "walk", ebike: "ride" };
const TENCENT_MODES = { walk: "walk", ebike: "bike" };

export function goingThere({ name, lon_deg, lat_deg }, { mode = "walk" } = {}) {
  const gcj = toGcj02({ lon_deg, lat_deg });
  const bd = toBd09({ lon_deg, lat_deg });
  // Commas and bars part the fields of these links, and a name may hold them.
  const plain = name.replace(/[,，|;；]/g, " ");
  const named = encodeURIComponent(plain);
  return [
    {
      app: "amap",
      href:
        `https://uri.amap.com/navigation?to=${six(gcj.lon_deg)},${six(gcj.lat_deg)},${named}` +
        `&mode=${AMAP_MODES[mode]}&coordinate=gaode&callnative=1&src=${SOURCE}`,
    },
    {
      app: "baidu",
      href:
        `https://api.map.baidu.com/marker?location=${six(bd.lat_deg)},${six(bd.lon_deg)}` +
        `&title=${named}&content=${named}&coord_type=bd09ll&output=html&src=webapp.${SOURCE}`,
    },
    {
      app: "tencent",
      href:
        `https://apis.map.qq.com/uri/v1/routeplan?type=${TENCENT_MODES[mode]}&to=${named}` +
        `&tocoord=${six(gcj.lat_deg)},${six(gcj.lon_deg)}&referer=${SOURCE}`,
    },
    {
      app: "system",
      href: `geo:${six(lat_deg)},${six(lon_deg)}?q=${six(lat_deg)},${six(lon_deg)}(${named.replace(/[()]/g, escaped)})`,
    },
  ];
}

// Six digits are 0.1 m.
const six = (degrees) => degrees.toFixed(6);
const escaped = (sign) => `%${sign.charCodeAt(0).toString(16)}`;
