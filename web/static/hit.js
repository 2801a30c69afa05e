export function stationAddress(address, id) {
  return address.replace("STATION", id.split("/").map(encodeURIComponent).join("/"));
}

// One station of the list, filled into a copy of the page's template. Text only.
export function fillHit(template, hit, address) {
  const row = template.content.firstElementChild.cloneNode(true);
  const fill = (name) => row.querySelector(`[data-fill="${name}"]`);
  row.dataset.id = hit.id;
  fill("name").textContent = hit.name;
  fill("name").href = stationAddress(address, hit.id);
  fill("minutes").textContent = hit.text.minutes;
  fill("distance").textContent = hit.text.distance;
  const box = fill("state-box");
  box.className = `state ${hit.state}`;
  box.querySelector("use").setAttribute("href", `#s-${hit.state}`);
  fill("state").textContent = hit.text.state;
  fill("entry").textContent = hit.text.entry;
  fill("address").textContent = hit.address;
  fill("checked").textContent = hit.text.checked;
  fill("invented").hidden = !hit.is_synthetic;
  fill("facilities").replaceChildren(
    ...hit.text.facilities.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }),
  );
  return row;
}
